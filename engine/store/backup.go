package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jmoiron/sqlx"
)

// Backup writes the data of a file, as it stands at one moment, into a new one,
// beside a running service. to must not hold anything yet. The copy is on the
// disk when it returns; nothing in it is checked.
func Backup(ctx context.Context, file, to string) error {
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	db, err := sqlx.Open("sqlite", dsn(file, "mode=ro"))
	if err != nil {
		return fmt.Errorf("store: backup of %s: %w", file, err)
	}
	defer db.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite would let everybody read it
	if err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	defer f.Close()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		if damaged(err) {
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return fmt.Errorf("store: backup of %s: %w", file, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	return nil
}

// Into gives a finished file its name, which nothing may have yet, and makes
// sure that the name stays.
func Into(part, name string) error {
	if err := os.Link(part, name); err != nil { // unlike a rename it overwrites nothing
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := os.Rename(part, name); err != nil { // a disk without links
			return err
		}
	}
	if err := Discard(part); err != nil {
		return err
	}
	return syncDir(name)
}

// Discard removes a data file, and what SQLite may have left beside it.
func Discard(file string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(file + end); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// CopyFile copies a file that nobody writes to into a new one, onto the disk.
func CopyFile(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	_, err = io.Copy(dst, src)
	if err = errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return fmt.Errorf("store: copy %s: %w", from, err)
	}
	return nil
}

// Replace puts a finished data file in the place of the one this lock is of. The
// present one stays beside it, as name.before-restore-1 or the next free number;
// kept is its path, "" when there was none. Wherever it breaks off, either the
// old file or the new one is complete in its place.
func (l *Lock) Replace(ctx context.Context, part string) (kept string, err error) {
	if _, err := os.Stat(l.file); err == nil {
		if kept, err = l.keepPresent(ctx); err != nil {
			return "", fmt.Errorf("store: keep the present data file: %w", err)
		}
	}
	// A log of the old file must not be found beside the new one.
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(l.file + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return kept, fmt.Errorf("store: replace: %w", err)
		}
	}
	if err := os.Rename(part, l.file); err != nil {
		return kept, fmt.Errorf("store: replace: %w", err)
	}
	return kept, syncDir(l.file)
}

// keepPresent gives the present file, and a log that could not be brought into
// it, a second name.
func (l *Lock) keepPresent(ctx context.Context) (string, error) {
	if db, err := sqlx.Open("sqlite", dsn(l.file, "")); err == nil {
		// A file too damaged for this keeps its log beside it.
		_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
		if err := db.Close(); err != nil {
			return "", err
		}
	}
	kept := ""
	for n := 1; kept == ""; n++ {
		name := fmt.Sprintf("%s.before-restore-%d", l.file, n)
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			kept = name
		} else if err != nil {
			return "", err
		}
	}
	for _, end := range []string{"-wal", ""} {
		if info, err := os.Stat(l.file + end); err != nil || info.Size() == 0 && end != "" {
			continue
		}
		if os.Link(l.file+end, kept+end) == nil {
			continue
		}
		if err := CopyFile(l.file+end, kept+end); err != nil { // a disk without links
			return "", err
		}
	}
	return kept, syncDir(kept)
}

// syncDir makes sure that names in the folder of file stay.
func syncDir(file string) error {
	d, err := os.Open(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("store: folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("store: folder: %w", err)
	}
	return nil
}
