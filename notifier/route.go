package notifier

import (
	"strings"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
)

// Route says who hears a notice and over which channel.
type Route struct {
	Holder  org.Holder
	Unit    string // the receiver's own unit
	Channel string // mail or wecom
	Robot   org.Robot
	Why     string // through whom it went when nobody held the role, "" otherwise
}

// Queue names the digest a notice joins: one a person (or group) and channel.
func (r *Route) Queue() string {
	if r.Channel == robotChannel {
		return queueOf(r.Robot.Name, "")
	}
	return queueOf("", r.Holder.Person.ID)
}

func queueOf(robot, person string) string {
	if robot != "" {
		return "robot:" + robot
	}
	return person
}

// Title is 组织部 联络员, as lists print a receiver.
func (r *Route) Title() string { return strings.TrimSpace(r.Unit + " " + r.Holder.Title) }

// Router finds receivers. It is pure: the same organisation and day give the
// same route, so a preview and a send agree.
type Router struct {
	Org      *org.Org
	NoRobots bool // there is no robot channel: all goes by mail
}

// Wanted is what a router needs to know of a notice.
type Wanted struct {
	Role     engine.Role
	Unit     string // whose post is meant: the lead or a cooperating unit
	Late     bool   // speaks of lateness: to the person, never into a group
	Personal bool   // must-send, sensitive, or refused by a robot before
	Party    bool
}

// Find resolves a role on a day. When nobody holds it, or its holder cannot be
// reached, the chain of the role is followed at once. It answers false when
// nobody at all is left.
func (r *Router) Find(w Wanted, on calendar.Date) (Route, bool) {
	if w.Role == engine.RoleEveryUnit {
		robot, ok := r.Org.Shared()
		return Route{Channel: robotChannel, Robot: robot, Holder: org.Holder{Title: robot.Title}}, ok && !r.NoRobots
	}
	found, ok := r.find(w, on, false)
	if !ok || !found.Holder.Away {
		return found, ok
	}
	// The holder and every substitute are on leave: the next of the chain who is
	// there hears it. Without one it lies in the holder's box.
	if other, ok := r.find(w, on, true); ok {
		return other, true
	}
	found.Why = joinWhy(found.Why, absent(found.Holder))
	return found, true
}

// find follows the chain of a role; there skips holders whose substitutes, if
// they have any, are all away like themselves.
func (r *Router) find(w Wanted, on calendar.Date, there bool) (Route, bool) {
	why := roleTitle(w.Role) + "空缺"
	for i, role := range append([]engine.Role{w.Role}, engine.Chain(w.Role)...) {
		h, ok := r.Org.Holder(w.Unit, string(role), w.Party, on)
		if !ok {
			continue
		}
		if there && h.Away {
			if len(h.Passed) == 0 && i == 0 {
				return Route{}, false // no substitute was named: the post's own box is the place
			}
			why = joinWhy(missing(i, why), absent(h))
			continue
		}
		route := Route{Holder: h, Unit: r.unitOf(role, w.Unit), Channel: mailChannel}
		if i == 0 {
			route.Robot, ok = r.robot(w)
			if ok {
				route.Channel = robotChannel
			}
		}
		if route.Channel == mailChannel && h.Person.Mail == "" {
			if i == 0 {
				why = roleTitle(w.Role) + "没有邮箱"
			}
			continue
		}
		if i > 0 {
			route.Why = why + "，改送" + h.Title
		}
		route.Why = joinWhy(route.Why, stoodIn(h))
		return route, true
	}
	return Route{}, false
}

// missing is what was wrong with the roles before the i-th of a chain.
func missing(i int, why string) string {
	if i == 0 {
		return ""
	}
	return why
}

// absent says that nobody is there for a post: 高淑芬休假，AB角梁宏伟休假.
func absent(h org.Holder) string {
	if len(h.Passed) == 0 {
		return h.Person.Name + "休假，没有AB角"
	}
	return h.Person.Name + "休假，AB角" + strings.Join(h.Passed, "、") + "休假"
}

// stoodIn keeps both names when a substitute hears it: 高淑芬休假，由AB角梁宏伟代.
func stoodIn(h org.Holder) string {
	if h.Via == "" {
		return ""
	}
	s := h.For.Name + "休假，"
	if len(h.Passed) > 0 {
		s += h.Via + strings.Join(h.Passed, "、") + "休假，"
	}
	return s + "由" + h.Via + h.Person.Name + "代"
}

// robot is the robot that may carry a notice: in a unit's own group its liaison
// is mentioned. What concerns a person goes to that person.
func (r *Router) robot(w Wanted) (org.Robot, bool) {
	if r.NoRobots || w.Late || w.Personal || w.Role != engine.RoleLeadLiaison && w.Role != engine.RoleCoopLiaison {
		return org.Robot{}, false
	}
	return r.Org.RobotOf(w.Unit)
}

func (r *Router) unitOf(role engine.Role, unit string) string {
	switch role {
	case engine.RoleOffice, engine.RoleSponsor, engine.RolePrincipal:
		return ""
	}
	return unit
}

func roleTitle(role engine.Role) string {
	switch role {
	case engine.RoleLeadLiaison, engine.RoleCoopLiaison:
		return "联络员"
	case engine.RoleLeadHead, engine.RoleCoopHead:
		return "负责人"
	case engine.RoleSponsor:
		return "分管校领导"
	case engine.RolePrincipal:
		return "主要领导"
	}
	return string(role)
}

// DigestKey names a delivery: the day and the first notice in it, which is in
// no other. It is short enough for a Message-ID.
func DigestKey(day time.Time, queue, first string) string {
	return day.Format("20060102") + "-" + strings.TrimPrefix(queue, "robot:") + "-" + first
}
