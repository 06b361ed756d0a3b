package workflows

import "duban/engine"

// The words of the language; everything else is a name of the definition's own.
var (
	kinds = []string{
		string(engine.KindAssignment), string(engine.KindSeries), string(engine.KindRound),
		string(engine.KindAsked), string(engine.KindStanding), string(engine.KindBrief),
	}
	receivers = []string{
		string(engine.RoleLeadLiaison), string(engine.RoleLeadHead), string(engine.RoleCoopHead), string(engine.RoleCoopLiaison),
		string(engine.RoleSponsor), string(engine.RolePrincipal), string(engine.RoleOffice), string(engine.RoleEveryUnit),
	}
	actors = []string{
		string(engine.RoleLead), string(engine.RoleOffice), string(engine.RoleSponsor),
		string(engine.RolePrincipal), string(engine.RoleSystem),
	}
	barred  = append([]string{string(engine.RoleHandler)}, actors...)
	classes = []string{string(engine.Digest), string(engine.Prompt), string(engine.Must), string(engine.Monthly)}
	lights  = []string{"green", "yellow", "orange", "red"}
	lists   = []string{"phone", "named"}
	notes   = []string{
		"acknowledged", "deemed", "reported", "handed", "closed", "stopped", "resumed",
		"reopened", "reassigned", "instructed", "phoned", "urged", "tick",
	}
	dues   = []string{"event", "resume", "month"}
	spawns = []string{"unit", "period"}
	rolls  = []string{"before", "after", "stay"}

	// systemEvents come from inside, so nobody needs to be allowed to cause them.
	systemEvents = []string{string(engine.EventChildDone), string(engine.EventChildReopened), string(engine.EventTimer)}
)

var (
	workflowKeys = []string{"workflow", "title", "kind", "include", "cron", "roll", "start", "states", "timers", "reasons"}
	fragmentKeys = []string{"fragment", "title", "include", "start", "states", "timers", "reasons"}
	entryKeys    = []string{"name", "when", "kind", "to", "do"}
	stateKeys    = []string{"title", "final", "on", "enter"}
	moveKeys     = []string{"by", "not", "needs", "when", "cooldown", "to", "do"}
	timerKeys    = []string{"in", "at", "every", "times", "when", "unless", "do", "to", "rung", "again", "catch"}
	reasonKeys   = []string{"title", "class", "counts", "late", "gravity"}
)
