package site

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func small(root string) GorootOptions {
	return GorootOptions{
		Root: root, Seed: 7,
		Gallery: GalleryOptions{Images: 13, NearDuplicates: 3, MinPixels: 10_000, MaxPixels: 40_000, PerPage: 5},
		Prose:   ProseOptions{Pages: 7, NearDuplicates: 2, Words: 400},
	}
}

func fakeRoot(t *testing.T) string {
	return folder(t, map[string]string{
		"VERSION": "go1.99.1\ntime 2031-02-03T04:05:06Z\n", "README.md": "# Go", "bin/go": "\x7fELF\x00",
		"src/a/a.go": "package a // <b> & \x01", "src/a/pic.png": "broken", "src/a/raw": "\x00\x01", "doc/x.html": "<p>x",
		"src/a/latin.s": "caf\xe9", "src/LICENSE": "words",
	})
}

func TestGoroot(t *testing.T) {
	t.Parallel()
	site, absent, err := Goroot(small(fakeRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	if diff := cmp.Diff([]string{"api", "lib", "misc", "test"}, absent); diff != "" {
		t.Errorf("absent (-want +got):\n%s", diff)
	}
	seen := crawl(t, site, func(p string) bool { return p != "/private/" })
	for path, status := range seen {
		redirected := slices.Contains([]string{"/start", "/latest/", "/pkg/", "/gallery/newest"}, path)
		if want := map[bool]int{false: 200, true: 302}[redirected]; status != want && path != "/src/cmd/go/" {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
	for _, path := range []string{"/src/a/a.go", "/src/a/pic.png", "/doc/x.html", "/README.md", "/gallery/copy-003.jpg", "/prose/de/page-002.html", "/gallery/picture-012.gif"} {
		if seen[path] != 200 {
			t.Errorf("%s was not found by links", path)
		}
	}
	for path, want := range map[string]string{
		"/src/a/a.go": htmlType, "/src/a/latin.s": htmlType, "/src/LICENSE": htmlType, "/src/a/raw": "application/octet-stream",
		"/README.md": "text/markdown; charset=utf-8", "/src/a/pic.png": "image/png", "/VERSION": htmlType,
	} {
		if got := get(t, site, path).Header.Get("Content-Type"); got != want {
			t.Errorf("%s: type %q, want %q", path, got, want)
		}
	}
	source := read(t, get(t, site, "/src/a/a.go"))
	if !strings.Contains(source, "package a // &lt;b&gt; &amp; \uFFFD</pre>") {
		t.Errorf("source page: %s", source)
	}
	if got := get(t, site, "/src/a/a.go").Header.Get("Last-Modified"); got != "Mon, 03 Feb 2031 04:05:06 GMT" {
		t.Errorf("Last-Modified %q", got)
	}
	if got := get(t, site, "/bin/go").StatusCode; got != 404 {
		t.Errorf("bin is served: %d", got)
	}
	if robots := read(t, get(t, site, "/robots.txt")); !strings.Contains(robots, "Disallow: /private/") {
		t.Error(robots)
	}
}

func TestGorootRefuses(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]GorootOptions{
		"no root": {}, "no VERSION": {Root: t.TempDir()}, "not Go": {Root: folder(t, map[string]string{"VERSION": "3.2"})},
		"gallery": {Root: fakeRoot(t), Gallery: GalleryOptions{Images: 1}},
		"prose":   {Root: fakeRoot(t), Prose: ProseOptions{NearDuplicates: 1}},
	} {
		if _, _, err := Goroot(opt); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestGorootIsDeterministic compares every byte of two instances.
func TestGorootIsDeterministic(t *testing.T) {
	t.Parallel()
	root := fakeRoot(t)
	a, _, err := Goroot(small(root))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, _, err := Goroot(small(root))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	other, _, err := Goroot(func() GorootOptions { o := small(root); o.Seed++; return o }())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	differ := 0
	for path := range crawl(t, a, func(p string) bool { return p != "/private/" }) {
		ra, rb, rc := get(t, a, path), get(t, b, path), get(t, other, path)
		if diff := cmp.Diff(ra.Header, rb.Header); diff != "" {
			t.Errorf("%s: headers differ:\n%s", path, diff)
		}
		body := read(t, ra)
		if body != read(t, rb) {
			t.Errorf("%s: bodies differ", path)
		}
		if body != read(t, rc) {
			differ++
		}
	}
	if differ < 16 {
		t.Errorf("another seed changes only %d pages", differ)
	}
}

func TestGalleryPicturesDecode(t *testing.T) {
	t.Parallel()
	g := newGallery(small("").Gallery, 3, &prose{list: languages()})
	for _, p := range g.pictures {
		body := g.render(p).body
		img, format, err := image.Decode(bytes.NewReader(body))
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		if img.Bounds().Dx() != p.w || img.Bounds().Dy() != p.h {
			t.Errorf("%s: %v, want %d×%d", p.name, img.Bounds(), p.w, p.h)
		}
		if format == "gif" {
			all, err := gif.DecodeAll(bytes.NewReader(body))
			if err != nil || len(all.Image) != 6 {
				t.Errorf("%s: %d frames, %v", p.name, len(all.Image), err)
			}
		}
	}
}

func TestProseNearDuplicates(t *testing.T) {
	t.Parallel()
	g := &prose{opt: ProseOptions{Pages: 12, NearDuplicates: 12, Words: 3000}, seed: 1, list: languages()}
	for k := g.opt.Pages; k < g.count(); k++ {
		a, b := flatten(g.text(k)), flatten(g.text(g.original(k)))
		if len(a) != len(b) {
			t.Fatalf("page %d: %d sentences, its original has %d", k, len(a), len(b))
		}
		changed := 0
		for i := range a {
			if a[i] != b[i] {
				changed++
			}
		}
		if share := float64(changed) / float64(len(a)); share == 0 || share > 0.08 {
			t.Errorf("page %d: %.3f of the sentences changed, want about 0.03", k, share)
		}
	}
}

func flatten(text [][]string) []string { return slices.Concat(text...) }

// TestPagesAreValid looks for what an HTML parser would have to repair: tags that do not pair up.
func TestPagesAreValid(t *testing.T) {
	t.Parallel()
	site, _, err := Goroot(small(fakeRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	for _, path := range []string{"/", "/src/", "/src/a/", "/src/a/a.go", "/gallery/", "/gallery/page-01.html", "/prose/", "/prose/en/", "/prose/en/page-001.html", "/private/"} {
		checkPaired(t, path, read(t, get(t, site, path)))
	}
}

func checkPaired(t *testing.T, path, body string) {
	t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(body))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		void := slices.Contains([]string{"meta", "link", "img"}, token.Data)
		switch {
		case token.Type == html.StartTagToken && !void:
			open = append(open, token.Data)
		case token.Type == html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Errorf("%s: </%s> closes %v", path, token.Data, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: not closed: %v", path, open)
	}
}

// TestRealGoroot walks a part of the distribution that runs this test.
func TestRealGoroot(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	root := strings.TrimSpace(string(out))
	if _, err := os.Stat(root + "/src/image/testdata"); err != nil {
		t.Skipf("this distribution has no test images: %v", err)
	}
	site, _, err := Goroot(GorootOptions{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	seen := crawl(t, site, func(p string) bool { return p == "/src/" || strings.HasPrefix(p, "/src/image/") })
	if seen["/src/image/testdata/video-001.progressive.truncated.jpeg"] != 200 || len(seen) < 80 {
		t.Errorf("%d paths below /src/image/", len(seen))
	}
	for path, status := range seen {
		if status != 200 {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func BenchmarkGalleryPicture(b *testing.B) {
	g := newGallery(DefaultGoroot("").Gallery, 1, &prose{list: languages()})
	for _, name := range []string{"picture-001.jpg", "picture-003.png", "picture-012.gif"} {
		i := slices.IndexFunc(g.pictures, func(p *picture) bool { return p.name == name })
		b.Run(name, func(b *testing.B) {
			p, size := g.pictures[i], 0
			for b.Loop() {
				size = len(g.render(p).body)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*p.w*p.h), "ns/pixel")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// The torn pictures are what they claim to be: headers that a decoder believes, and nothing behind them.
func TestTornPictures(t *testing.T) {
	t.Parallel()
	bomb, _ := tornPicture("bomb.png")
	cfg, err := png.DecodeConfig(bytes.NewReader(bomb.body))
	if err != nil || cfg.Width != 60_000 || cfg.Height != 60_000 || len(bomb.body) > 100 {
		t.Errorf("bomb.png: %+v in %d bytes, %v", cfg, len(bomb.body), err)
	}
	noise, _ := tornPicture("noise.jpg")
	if _, err := jpeg.Decode(bytes.NewReader(noise.body)); err == nil {
		t.Error("noise.jpg decodes")
	}
}
