package doctor

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"duban/cmd/duban/internal/disk"
)

const (
	clockArea = "clock"
	diskArea  = "disk"
)

// How far our clock may be off another's: a banner is seconds old, a Date
// header whole seconds.
const (
	offAtAll = 30 * time.Second
	offFar   = 5 * time.Minute
)

func (p *Patient) clock(f *findings, theirs map[string]reading) {
	now := p.Now().In(p.Calendar.Location())
	f.ok(clockArea, fmt.Sprintf("the zone is %s; here it is %s", p.Config.Organisation.Zone, now.Format("2006-01-02 15:04:05 -07:00")))
	do := "set the clock by NTP; stop the service before setting it by hand"
	for _, who := range slices.Sorted(maps.Keys(theirs)) {
		r := theirs[who]
		switch off := r.ours.Sub(r.theirs).Round(time.Second); {
		case off.Abs() > offFar:
			f.fail(clockArea, fmt.Sprintf("this machine is %s off the clock of the %s", off, who), do)
		case off.Abs() > offAtAll:
			f.warn(clockArea, fmt.Sprintf("this machine is %s off the clock of the %s", off, who), do)
		default:
			f.ok(clockArea, "agrees with the clock of the "+who)
		}
	}
	if len(theirs) == 0 {
		f.warn(clockArea, "no far side told its time, so the clock could be compared with nothing", "look whether NTP runs (timedatectl)")
	}
}

// The free space that is little, and too little: a write-ahead log takes 32 MB,
// a year of a college some 10 MB.
const (
	littleSpace = 1 << 30
	noSpace     = 100 << 20
)

func (p *Patient) disk(f *findings) {
	dir := filepath.Dir(p.Config.DSN())
	info, err := os.Stat(dir)
	if err != nil {
		f.warn(diskArea, fmt.Sprintf("the data folder %s is not there yet", dir), "it is made at the first start; look whether data in config.yaml is the right folder")
		dir = existing(dir)
	} else if mode := info.Mode().Perm(); mode&0o077 != 0 {
		f.warn(diskArea, fmt.Sprintf("others than the owner may look into %s (%#o)", dir, mode), "chmod 700 "+dir)
	}
	p.fileSystem(f, dir)
	const readWriteEnter = 7
	if err := syscall.Access(dir, readWriteEnter); err != nil {
		f.fail(diskArea, fmt.Sprintf("this account may not write to %s: %v", dir, err), "run the doctor and the service as the owner of the folder")
	}
}

func (p *Patient) fileSystem(f *findings, dir string) {
	network, memory, err := disk.Kind(dir)
	switch {
	case err != nil:
		f.fail(diskArea, err.Error(), "check data in config.yaml")
		return
	case network != "":
		f.fail(diskArea, fmt.Sprintf("%s lies on %s, where a database file can be damaged", dir, network), "move the data folder to a local disk")
	case memory != "":
		f.warn(diskArea, fmt.Sprintf("%s lies in memory (%s) and is gone after a restart of the machine", dir, memory), "move the data folder to a disk")
	}
	free, err := disk.Free(dir)
	do := "make room, or move the data folder to a larger disk"
	switch {
	case err != nil:
		f.fail(diskArea, err.Error(), "check data in config.yaml")
	case free < noSpace:
		f.fail(diskArea, fmt.Sprintf("only %d MB are free at %s", free>>20, dir), do)
	case free < littleSpace:
		f.warn(diskArea, fmt.Sprintf("only %d MB are free at %s", free>>20, dir), do)
	default:
		f.ok(diskArea, fmt.Sprintf("%d GB are free at %s", free>>30, dir))
	}
}

// existing is the nearest folder above that is there.
func existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
