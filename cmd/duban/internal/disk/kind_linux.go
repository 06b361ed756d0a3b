package disk

import (
	"fmt"
	"syscall"
)

// remote are the magic numbers of file systems on which SQLite's locks and
// write-ahead log cannot be trusted (statfs(2)).
var remote = map[uint32]string{
	0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x01021997: "9P",
	0x00C36400: "Ceph", 0x5346414F: "AFS", 0x73757245: "Coda", 0x65735546: "FUSE",
}

// volatile are those that are empty after a restart of the machine.
var volatile = map[uint32]string{0x01021994: "tmpfs", 0x858458F6: "ramfs"}

// Kind names the file system of dir where it is one that data should not lie
// on: over a network, or in memory. Both are "" for an ordinary one.
func Kind(dir string) (network, memory string, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", "", fmt.Errorf("disk: %s: %w", dir, err)
	}
	magic := uint32(s.Type)
	return remote[magic], volatile[magic], nil
}
