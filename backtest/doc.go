// Package backtest says what the rules would have said: it plays what was
// recorded through the very Step that runs live.
package backtest
