// Package pulse watches what the samples of each machine look like over time:
// how often they come, what their counters, sequence numbers and clocks do.
// It judges no output and decides no state; it says what was seen, for
// metrics, for the ledger's gaps, and for whoever commissions a machine.
package pulse
