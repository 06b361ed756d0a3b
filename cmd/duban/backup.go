package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/cmd/duban/internal/config"
	"duban/engine/store"
)

// backupCmd copies the data.
type backupCmd struct {
	Config string `short:"c" help:"Back up the data of this config.yaml." default:"config.yaml" placeholder:"FILE"`
	Out    string `short:"o" required:"" help:"The file to write; it must not exist." placeholder:"FILE" type:"path"`
}

// Help is the longer text of --help.
func (backupCmd) Help() string {
	return `The copy holds the data as it stands at one moment; the service may keep running. It
is verified before it gets its name, so a file of that name is a
good one. A backup that breaks off leaves no such file.

  duban backup -c /etc/duban/config.yaml -o /backup/duban-$(date +%F).db

Keep the printed head in another place than the copy: see duban verify --head.`
}

// Run is called by the parser.
func (c *backupCmd) Run(ctx context.Context, s streams) (err error) {
	cfg, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(c.Out); !errors.Is(err, fs.ErrNotExist) {
		return usage("backup: %s is there already; a backup overwrites nothing", c.Out)
	}
	part := c.Out + ".part"
	if err := store.Discard(part); err != nil { // of a run that was killed
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, store.Discard(part))
		}
	}()
	if err := store.Backup(ctx, cfg.DSN(), part); err != nil {
		return err
	}
	v, err := examine(ctx, cfg, part, s.Err)
	if err != nil {
		return fmt.Errorf("backup: the data is not sound, see duban verify; nothing was written: %w", err)
	}
	if err := store.Into(part, c.Out); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	_, err = fmt.Fprintf(s.Out, "%s: %d steps of %d instances, head %s@%d\n", c.Out, v.Steps, v.Instances, v.Head, v.Steps)
	return err
}

// examine verifies a file that nobody else has open and lists its faults. What
// the replay alone finds is a warning: a newer engine may decide otherwise, and
// that must not be the end of backups.
func examine(ctx context.Context, cfg *config.Config, file string, faults io.Writer) (*verified, error) {
	by, err := newVerifier(cfg)
	if err != nil {
		return nil, err
	}
	db, err := store.OpenSnapshot(ctx, file)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	v, err := by.verify(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Faults {
		fmt.Fprintln(faults, f)
	}
	if n := len(v.Faults) - len(v.replayed); n > 0 {
		return nil, fmt.Errorf("%d faults", n)
	}
	if n := len(v.replayed); n > 0 {
		fmt.Fprintf(faults, "warning: %d steps lead elsewhere when they are taken again; after an upgrade that may be the engine, see duban verify\n", n)
	}
	return v, nil
}

// restoreCmd puts a backup back.
type restoreCmd struct {
	Config string `short:"c" help:"Restore the data of this config.yaml." default:"config.yaml" placeholder:"FILE"`
	File   string `arg:"" help:"The backup." type:"path"`
}

// Help is the longer text of --help.
func (restoreCmd) Help() string {
	return `Stop the service first. The backup is verified before anything is touched, and brought
up to the tables of this program. The present data file is kept beside the new one,
as duban.db.before-restore-1 or the next free number.

  duban restore -c /etc/duban/config.yaml /backup/duban-2023-05-08.db

What people entered after the backup is gone. What was due after it goes out once more,
marked 补发; what the backup knows as sent does not.`
}

// Run is called by the parser.
func (c *restoreCmd) Run(ctx context.Context, s streams) (err error) {
	cfg, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	p, err := dataParts(cfg, s)
	if err != nil {
		return err
	}
	if err := finished(c.File, p.File); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.File), 0o700); err != nil {
		return fmt.Errorf("restore: data folder: %w", err)
	}
	lock, err := store.TakeLock(p.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	part := p.File + ".restore"
	defer func() { err = errors.Join(err, store.Discard(part)) }()
	last, err := prepare(ctx, c.File, part, p.Now())
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	v, err := examine(ctx, cfg, part, s.Err)
	if err != nil {
		return fmt.Errorf("restore: %s is not sound, nothing was touched: %w", c.File, err)
	}
	kept, err := lock.Replace(ctx, part)
	if err != nil {
		return err
	}
	if err := lock.MarkClean(); err != nil {
		return err
	}
	return tellRestored(s.Out, c.File, kept, last.In(p.Calendar.Location()), v)
}

// finished refuses what is no finished backup.
func finished(file, data string) error {
	info, err := os.Stat(file)
	if err != nil {
		return usage("restore: %s", cause(err))
	}
	if present, err := os.Stat(data); err == nil && os.SameFile(info, present) {
		return usage("restore: %s is the data file itself", file)
	}
	if log, err := os.Stat(file + "-wal"); err == nil && log.Size() > 0 {
		return usage("restore: %s-wal stands beside it, so it is no finished backup; make one of it with duban backup", file)
	}
	return nil
}

// prepare makes part a copy of the backup that knows when it was put back. It
// answers the last instant the backup knows of.
func prepare(ctx context.Context, file, part string, now time.Time) (last time.Time, err error) {
	if err := store.Discard(part); err != nil { // of a run that was killed
		return last, err
	}
	if err := store.CopyFile(file, part); err != nil {
		return last, err
	}
	if err := checkPages(ctx, part); err != nil {
		return last, err
	}
	db, err := store.Open(ctx, part)
	if err != nil {
		return last, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if last, err = db.LastInstant(ctx); err != nil {
		return last, err
	}
	if now.Before(last) { // what was due before now is marked as sent once: a wrong now would mark the wrong ones
		return last, fmt.Errorf("the clock shows %s and the backup knows of %s; set the clock first, nothing was touched",
			now.Format(time.DateTime), last.In(now.Location()).Format(time.DateTime))
	}
	return last, db.Write(ctx, now, (*store.Tx).SetRestored)
}

func checkPages(ctx context.Context, file string) error {
	db, err := store.OpenReader(ctx, file)
	if err != nil {
		return err
	}
	return errors.Join(db.Check(ctx), db.Close())
}

func tellRestored(w io.Writer, file, kept string, last time.Time, v *verified) error {
	var b strings.Builder
	fmt.Fprintf(&b, "restored from %s: %d steps of %d instances, head %s@%d\n", file, v.Steps, v.Instances, v.Head, v.Steps)
	if kept != "" {
		fmt.Fprintf(&b, "the file that was here is kept as %s\n", kept)
	}
	if !last.IsZero() {
		fmt.Fprintf(&b, "the last thing it knows of was at %s; enter again what people did after that\n", last.Format("2006-01-02 15:04"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
