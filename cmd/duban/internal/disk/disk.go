// Package disk asks the system about the file system a folder lies on.
package disk

import (
	"fmt"
	"syscall"
)

// Free is how many bytes an ordinary account may still write to the file system
// of dir.
func Free(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("disk: %s: %w", dir, err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
