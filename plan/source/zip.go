package source

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
)

// archive is a zip whose unpacked bytes are counted.
type archive struct {
	files    map[string]*zip.File
	packed   int64 // the file's size
	unpacked int64 // really unpacked so far, over all parts
}

func openArchive(content []byte) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, cutOff()
	}
	if len(z.File) > maxEntries {
		return nil, refuse("文件由超过 2000 个部分组成", "请用 Word 或 WPS 打开后另存一份")
	}
	a := &archive{files: map[string]*zip.File{}, packed: int64(len(content))}
	for _, f := range z.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		if _, twice := a.files[name]; !twice {
			a.files[name] = f
		}
	}
	return a, nil
}

// has says whether there is such a part, or such a folder if the name ends in "/".
func (a *archive) has(name string) bool {
	if !strings.HasSuffix(name, "/") {
		return a.files[name] != nil
	}
	for n := range a.files {
		if strings.HasPrefix(n, name) {
			return true
		}
	}
	return false
}

// open returns the content of a part.
func (a *archive) open(name string) (io.Reader, error) {
	f := a.files[name]
	if f == nil {
		return nil, damaged()
	}
	if f.Flags&1 != 0 {
		return nil, refuse("文件设了密码", "请打开文件，取消密码后重新保存")
	}
	r, err := f.Open()
	if err != nil {
		return nil, damaged()
	}
	return &counter{a, r}, nil
}

// counter stops a part that unpacks to more than it may.
type counter struct {
	a *archive
	r io.Reader
}

// Read counts.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.a.unpacked += int64(n)
	if u := c.a.unpacked; u > maxUnpacked || u > ratioFrom && u/maxRatio > c.a.packed {
		return 0, refuse("文件解压后远超正常文档的大小", "请用 Word 或 WPS 打开后另存一份")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, damaged()
	}
	return n, err
}

// mainPart finds the part that the package calls its document; Word need not
// name it word/document.xml.
func (a *archive) mainPart(usual string) (string, error) {
	if a.has(usual) {
		return usual, nil
	}
	rels, err := a.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range rels {
		if strings.HasSuffix(r.kind, "/officeDocument") && a.has(r.target) {
			return r.target, nil
		}
	}
	return "", damaged()
}

// relation is a part that another one refers to.
type relation struct{ kind, target string }

// relations lists by id what a part refers to; of the package itself for "".
func (a *archive) relations(part string) (map[string]relation, error) {
	dir, file := path.Split(part)
	rels := dir + "_rels/" + file + ".rels"
	out := map[string]relation{}
	if !a.has(rels) {
		return out, nil
	}
	return out, a.walk(rels, func(x *xmlReader, e element) error {
		if e.Name.Local == "Relationship" {
			target := e.get("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			out[e.get("Id")] = relation{e.get("Type"), strings.TrimPrefix(path.Clean(target), "/")}
		}
		return nil
	})
}

// walk shows f every element of a part, in the order of the text.
func (a *archive) walk(part string, f func(*xmlReader, element) error) error {
	r, err := a.open(part)
	if err != nil {
		return err
	}
	x := newXML(r)
	var down func(e element) error
	down = func(e element) error {
		depth := x.depth
		if err := f(x, e); err != nil {
			return err
		}
		if x.depth < depth { // f has read all of it
			return nil
		}
		return x.each(down)
	}
	return x.each(down)
}
