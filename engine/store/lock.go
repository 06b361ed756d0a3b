package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Lock keeps a second process off a data file: SQLite would let both write, and
// both would send.
type Lock struct {
	file  string
	f     *os.File
	clean bool
}

// ErrLocked means that another process holds the data file.
type ErrLocked struct{ File string }

// Error names the file and what to do.
func (e *ErrLocked) Error() string {
	return fmt.Sprintf("store: %s is in use by another duban process; stop it first, or give another data folder", e.File)
}

// TakeLock takes the lock of a data file; it ends with the process at the latest.
func TakeLock(file string) (*Lock, error) {
	f, err := os.OpenFile(file+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &ErrLocked{File: file}
		}
		return nil, fmt.Errorf("store: lock: %w", err)
	}
	l := &Lock{file: file, f: f}
	if err := l.takeMark(); err != nil {
		f.Close()
		return nil, fmt.Errorf("store: lock: %w", err)
	}
	return l, nil
}

// takeMark reads the mark of a clean stop and takes it away: it stands only
// while nobody has the file.
func (l *Lock) takeMark() error {
	was, err := io.ReadAll(l.f)
	if err != nil {
		return err
	}
	is, err := l.mark()
	if errors.Is(err, fs.ErrNotExist) { // a new file has nothing to be checked
		l.clean = true
		return nil
	}
	l.clean = err == nil && string(was) == is
	return errors.Join(l.f.Truncate(0), l.f.Sync())
}

// mark is what a clean stop leaves: size and last change of a data file that
// needs no log. Another file put in its place does not fit it.
func (l *Lock) mark() (string, error) {
	if log, err := os.Stat(l.file + "-wal"); err == nil && log.Size() > 0 {
		return "", errors.New("the write-ahead log is not empty")
	}
	info, err := os.Stat(l.file)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("clean %d %d\n", info.Size(), info.ModTime().UnixNano()), nil
}

// Clean says that whoever had the file before closed it in order, and that
// nothing has changed it since. Otherwise the file is worth a Check.
func (l *Lock) Clean() bool { return l.clean }

// MarkClean leaves the mark of a clean stop. Call it when the file is closed and
// known to be sound. A file that another reader keeps open gets none.
func (l *Lock) MarkClean() error {
	mark, err := l.mark()
	if err != nil {
		return nil
	}
	if _, err := l.f.WriteAt([]byte(mark), 0); err != nil {
		return fmt.Errorf("store: mark a clean stop: %w", err)
	}
	return nil
}

// Release gives the lock back. The lock file stays: removing it would race.
func (l *Lock) Release() error { return l.f.Close() }
