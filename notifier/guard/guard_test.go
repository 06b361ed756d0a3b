package guard

import (
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestAddressesInsideTheHouse(t *testing.T) {
	for address, public := range map[string]bool{
		"183.47.100.26": true, "2402:4e00::1": true,
		"127.0.0.1": false, "169.254.169.254": false, "10.0.0.1": false, "172.16.3.4": false, "192.168.1.1": false,
		"0.0.0.0": false, "0.1.2.3": false, "100.64.0.1": false, "198.18.0.7": false, "224.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false,
		"::ffff:10.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:100.64.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false,
	} {
		to := netip.AddrPortFrom(netip.MustParseAddr(address), 443).String()
		if err := refusePrivate("tcp", to, nil); (err == nil) != public {
			t.Errorf("%s: %v, want public %v", address, err, public)
		}
	}
	if refusePrivate("tcp", "not an address", nil) == nil {
		t.Error("an address that cannot be read was let through")
	}
}

// The name is harmless, what it resolves to is not: localhost stands for a name
// that was pointed inside after it had been checked.
func TestNameThatResolvesInside(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::ffff:127.0.0.1"} {
		for listed, reached := range map[bool]bool{false: false, true: true} {
			conn, err := Dialer(listed).DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
			if (err == nil) != reached || err != nil && !strings.Contains(err.Error(), "not a public address") {
				t.Errorf("%s, listed %v: %v", host, listed, err)
			}
			if conn != nil {
				conn.Close()
			}
		}
	}
}
