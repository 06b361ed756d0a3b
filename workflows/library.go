package workflows

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"duban/engine"
	"duban/engine/fault"
)

//go:embed *.yaml
var shipped embed.FS

// Library is a set of definitions that know each other. It does not change and
// is safe for concurrent use.
type Library struct {
	byName map[string]*loaded
	byHash map[string]*loaded
}

// Get is the present definition of a name.
func (l *Library) Get(name string) (*engine.Definition, bool) {
	d, ok := l.byName[name]
	if !ok {
		return nil, false
	}
	return d.def, true
}

// ByHash is the definition with a hash, as far as it is still the present one
// of its name; older ones come from their source, see [FromSource].
func (l *Library) ByHash(hash string) (*engine.Definition, bool) {
	d, ok := l.byHash[hash]
	if !ok {
		return nil, false
	}
	return d.def, true
}

// Names are the names of all workflows, sorted; fragments are not among them.
func (l *Library) Names() []string { return slices.Sorted(maps.Keys(l.byName)) }

// Source is the complete text of a definition, included files and all, from
// which [FromSource] reads it again; "" for an unknown hash.
func (l *Library) Source(hash string) string {
	if d, ok := l.byHash[hash]; ok {
		return d.source
	}
	return ""
}

// Embedded are the definitions that Duban ships.
func Embedded() (*Library, error) {
	files, err := embedded()
	if err != nil {
		return nil, err
	}
	l, faults := assemble(files)
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("workflows: load shipped definitions: %w", err)
	}
	return l, nil
}

// LoadDir reads the *.yaml files of a folder over the shipped definitions: a
// file replaces the shipped one of its name, also where that is included, and
// new names are added. The library is nil when there is any fault.
func LoadDir(dir string) (*Library, fault.List) {
	files, err := embedded()
	if err != nil {
		return nil, fault.List{{File: dir, What: err.Error()}}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fault.List{unreadable(dir, err)}
	}
	var faults fault.List
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		name, yaml := strings.CutSuffix(e.Name(), ".yaml")
		switch {
		case e.IsDir() || strings.HasPrefix(name, "."):
		case strings.HasSuffix(name, ".yml"):
			faults = append(faults, fault.Fault{File: file, What: "not read", Hint: "call it .yaml"})
		case yaml:
			data, err := os.ReadFile(file)
			if err != nil {
				faults = append(faults, unreadable(file, err))
				continue
			}
			files[name] = input{file, data}
		}
	}
	l, more := assemble(files)
	if faults = append(faults, more...); len(faults) > 0 {
		return nil, faults
	}
	return l, nil
}

func unreadable(file string, err error) fault.Fault {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fault.Fault{File: file, What: "cannot be read: " + err.Error()}
}

type input struct {
	file string
	data []byte
}

func embedded() (map[string]input, error) {
	entries, err := shipped.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("workflows: list shipped definitions: %w", err)
	}
	out := map[string]input{}
	for _, e := range entries {
		data, err := shipped.ReadFile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("workflows: read shipped definition: %w", err)
		}
		out[strings.TrimSuffix(e.Name(), ".yaml")] = input{path.Join("workflows", e.Name()), data}
	}
	return out, nil
}

func assemble(files map[string]input) (*Library, fault.List) {
	include := func(name string) (string, []byte, bool) {
		t, ok := files[name]
		return t.file, t.data, ok
	}
	lib := &Library{byName: map[string]*loaded{}, byHash: map[string]*loaded{}}
	var faults fault.List
	for _, name := range slices.Sorted(maps.Keys(files)) {
		l := load(files[name].file, files[name].data, include)
		faults = append(faults, l.faults...)
		faults = append(faults, misnamed(l.part, name)...)
		if !l.part.fragment {
			lib.byName[name] = l
		}
	}
	faults = append(faults, lib.spawns()...)
	for _, l := range lib.byName {
		if l.def != nil {
			lib.byHash[l.def.Hash] = l
		}
	}
	faults.Sort()
	return lib, slices.Compact(faults)
}

// spawns checks that the workflows of children exist, with their starts.
func (l *Library) spawns() fault.List {
	var faults fault.List
	for _, d := range l.byName {
		for _, r := range d.part.allRefs() {
			if r.kind != refSpawn || r.workflow == "" || r.workflow == d.part.name {
				continue
			}
			child, ok := l.byName[r.workflow]
			if !ok {
				f := r.where
				f.What, f.Hint = fmt.Sprintf("workflow %q is not known", r.workflow), suggest(r.workflow, l.Names())
				faults = append(faults, f)
			} else if !child.part.broken {
				faults = append(faults, spawnFault(r, child.part)...)
			}
		}
	}
	return faults
}

// Shipped finds a shipped definition or fragment by name: the include of a file
// that is checked by itself.
func Shipped(name string) (file string, data []byte, ok bool) {
	name += ".yaml"
	data, err := shipped.ReadFile(name)
	return path.Join("workflows", name), data, err == nil
}
