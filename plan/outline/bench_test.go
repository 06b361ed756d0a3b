package outline

import (
	"strings"
	"testing"
)

// BenchmarkLong reads a megabyte of items.
func BenchmarkLong(b *testing.B) {
	d := document(strings.Repeat("1.修订方案。三月底前完成修订并报会审议，各二级学院同步修订实施细则。（牵头部门：教务处，配合部门：各二级学院）\n", 7000))
	b.SetBytes(1_000_000)
	for b.Loop() {
		Of(d)
	}
}
