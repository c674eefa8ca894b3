//go:build storm

package app

import "testing"

func TestStormLiveRestartedAndBacktestSayTheSame(t *testing.T) { saySame(t, 24) }
