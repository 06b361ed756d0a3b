//go:build !linux

package disk

// Kind is not known on this system; both names are "".
func Kind(string) (network, memory string, err error) { return "", "", nil }
