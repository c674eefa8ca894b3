package config

import (
	"fmt"
	"strings"
	"testing"
)

// registryOf is a registry of n plants with one to three lines each, as
// YAML and as CSV.
func registryOf(n int) (yaml, csv []byte) {
	var y, c strings.Builder
	y.WriteString("plants:\n")
	c.WriteString("plant,name,timezone,labels,line,unit,normal,ideal_cycle,interval,machines,output,counter_kind,rollover\n")
	for i := range n {
		fmt.Fprintf(&y, "  - id: plant-%05d\n    name: Plant No. %d\n    timezone: Asia/Shanghai\n"+
			"    labels: {region: Zhejiang, industry: textiles, size: small, cloud: \"yes\"}\n    lines:\n", i, i)
		for j := range 1 + i%3 {
			fmt.Fprintf(&y, "      - {id: line-%d, unit: m, normal: 500/h, ideal_cycle: 6s, interval: 10s,\n"+
				"         machines: [m1, m2], output: [m2], counter: {kind: total, rollover: 65536}}\n", j)
			fmt.Fprintf(&c, "plant-%05d,Plant No. %d,Asia/Shanghai,region=Zhejiang;industry=textiles;size=small;cloud=yes,line-%d,m,500/h,6s,10s,m1;m2,m2,total,65536\n", i, i, j)
		}
	}
	return []byte(y.String()), []byte(c.String())
}

func BenchmarkLoadRegistry10k(b *testing.B) {
	yaml, csv := registryOf(10_000)
	for _, f := range []struct {
		name string
		data []byte
	}{{"plants.yaml", yaml}, {"plants.csv", csv}} {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(f.data)))
			for b.Loop() {
				reg, _, problems := parseRegistry(f.name, f.data)
				if len(problems) > 0 {
					b.Fatal(problems)
				}
				reg.Index()
			}
		})
	}
}
