package report

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tallest is the height of the tallest row of the page's tables, in its own lines.
const tallest = `Math.max(...[...document.querySelectorAll('tbody tr')].map(r =>
  r.offsetHeight / parseFloat(getComputedStyle(r).lineHeight || 16)))`

// No column is squeezed to a letter a line: on a sheet of A4 within its margins,
// and on a telephone, a row is a few lines high.
func TestThePagePrintsWell(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("this test drives a real browser: install chromium (apt-get install chromium): %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-dev-shm-usage", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, cancel := chromedp.NewContext(alloc)
	defer cancel()
	for _, lang := range Languages {
		var page bytes.Buffer
		if err := made(t).HTML(&page, lang); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(t.TempDir(), "report.html")
		if err := os.WriteFile(name, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		for media, width := range map[string]int64{"print": 688, "screen": 400} {
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 1000), chromedp.Navigate("file://"+name)); err != nil {
				t.Fatal(err)
			}
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media}); err != nil {
				t.Fatal(err)
			}
			lines, err := chromedp.Run(ctx, chromedp.Evaluate[float64](tallest))
			if err != nil {
				t.Fatal(err)
			}
			if lines > 6 {
				t.Errorf("%s, %s: a row is %.0f lines high", lang, media, lines)
			}
		}
	}
}
