package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Lock keeps a second process off a data file: SQLite would let both write, and
// both would send.
type Lock struct {
	file string
	f    *os.File
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
	return &Lock{file: file, f: f}, nil
}

// Release gives the lock back. The lock file stays: removing it would race.
func (l *Lock) Release() error { return l.f.Close() }
