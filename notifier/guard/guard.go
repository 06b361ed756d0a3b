// Package guard keeps outgoing requests from addresses inside the house: whoever
// may write an address into a setting or a name server must not reach them.
package guard

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// special are the networks beyond those netip names that are not the public
// internet (IANA special-purpose registries), or embed an IPv4 address.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
}

// Dialer refuses addresses inside the house, whatever name led to them, unless
// the operator listed the host.
func Dialer(listed bool) *net.Dialer {
	if listed {
		return &net.Dialer{}
	}
	return &net.Dialer{Control: refusePrivate}
}

// refusePrivate sees the resolved address, so a name that resolves to the
// inside after it was checked (rebinding) is refused as well.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("guard: dial: %w", err)
	}
	if !isPublic(to.Addr().Unmap()) {
		return fmt.Errorf("guard: dial: %s is not a public address", to.Addr())
	}
	return nil
}

func isPublic(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Listed says whether an operator listed the host of an address, with or
// without its port.
func Listed(u *url.URL, hosts []string) bool {
	for _, h := range hosts {
		if strings.EqualFold(h, u.Host) || strings.EqualFold(h, u.Hostname()) {
			return true
		}
	}
	return false
}
