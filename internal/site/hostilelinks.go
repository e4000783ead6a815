package site

import (
	"fmt"
	"strconv"
	"strings"
)

// redirectDeeds lead around in circles, away, or where nobody may go.
func redirectDeeds(h *Hostile) []deed {
	moved := stored(302)
	to := func(location string) func(*call) bool {
		return func(c *call) bool {
			body := marked(c.path, "moved")
			return c.write(head(302, "Content-Type: text/html", "Location: "+location, length(body)), body)
		}
	}
	trap := "http://127.0.0.1:" + h.trapped
	list := []deed{
		{path: "/redirect/self", want: moved, do: to("/redirect/self")},
		{path: "/redirect/a", want: moved, do: to("/redirect/b")},
		{path: "/redirect/b", want: moved, do: to("/redirect/a")},
		{path: "/redirect/crlf", want: moved, do: to("/honest/00%0d%0aSet-Cookie:%20a=b")},
		{path: "/redirect/bare-cr", want: moved, do: to("/honest/00\rSet-Cookie: a=b")},
		{path: "/redirect/two-lines", want: moved, do: to("/honest/00\r\nX-Injected: GET /private/injected HTTP/1.1")},
		{path: "/redirect/userinfo", want: moved, do: to("http://user:secret@" + h.front.host() + "/honest/01")},
		{path: "/redirect/userinfo-trap", want: moved, do: to("http://" + h.front.host() + "@127.0.0.1:" + h.trapped + "/inside/userinfo")},
		{path: "/redirect/file", want: moved, do: to("file:///etc/passwd")},
		{path: "/redirect/script", want: moved, do: to("javascript:alert(1)")},
		{path: "/redirect/gopher", want: moved, do: to("gopher://127.0.0.1:" + h.trapped + "/_GET%20/")},
		{path: "/redirect/nowhere", want: moved, do: to("")},
		{path: "/redirect/no-url", want: moved, do: to("http://[::1")},
		{path: "/redirect/long", want: moved, do: to("/redirect/" + strings.Repeat("l", 60_000))},
		{path: "/redirect/trap", want: moved, do: to(trap + "/inside/redirect")},
		{path: "/redirect/trap-decimal", want: moved, do: to("http://2130706433:" + h.trapped + "/inside/redirect-decimal")},
		{path: "/redirect/trap-slashes", want: moved, do: to(`\\127.0.0.1:` + h.trapped + `\inside\redirect-slashes`)},
		{path: "/redirect/private", want: moved, do: to("/private/redirect")},
		{path: "/redirect/private-dots", want: moved, do: to("/honest/../private/dots")},
		{path: "/redirect/refresh", want: stored(200), do: func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html", "Refresh: 0; url="+trap+"/inside/refresh", "Link: <"+trap+"/inside/link>; rel=next", length("hi")), "hi")
		}},
	}
	for i := range 20 { // longer than any chain that ends well
		list = append(list, deed{path: fmt.Sprintf("/redirect/chain-%02d", i), hidden: i > 0, want: moved, do: to(fmt.Sprintf("/redirect/chain-%02d", i+1))})
	}
	grow := "/redirect/grow"
	for i := range 40 {
		next := fmt.Sprintf("%s/%d", grow, i)
		list = append(list, deed{path: grow, hidden: i > 0, want: moved, do: to(next)})
		grow = next
	}
	return append(list, forbiddenDeeds()...)
}

// forbiddenDeeds are links to what robots.txt forbids, also spelled in ways that hide it.
func forbiddenDeeds() []deed {
	var list []deed
	for _, spell := range []string{
		"/private/1", "/%70rivate/2", "/%50rivate/../private/3", "/./private/4", "/honest/../private/5", "/private/6?open=1", "/private/%2e%2e/private/7",
		"/%2e/private/8", "/open?secret=9", "/hidden", `\private\10`,
	} {
		list = append(list, deed{spell: spell, want: skipped("robots")})
	}
	return list
}

// outside are links to addresses that a crawl has no business with, on the port of the traps where there are some.
func (h *Hostile) outside() []Behaviour {
	_, own, _ := strings.Cut(h.front.host(), ":")
	hosts := []string{
		"127.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "0177.0.0.01", "127.0.0.1.", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
		"[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[::1]", "[0000::0001]", "localhost", "localhost.", "LOCALHOST", "a.localhost", "127.0.0.2", "0.0.0.0", "0", "[::]",
		"%31%32%37.0.0.1", "127。0。0。1", "①②⑦.⓪.⓪.①", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]",
	}
	var list []Behaviour
	add := func(url string) {
		list = append(list, Behaviour{Name: "outside " + url, URL: url, Want: skipped("private_address")})
	}
	for i, host := range hosts {
		add("http://" + host + ":" + h.trapped + "/inside/" + strconv.Itoa(i))
	}
	for i, host := range []string{"0.0.0.0", "[::ffff:127.0.0.1]", "localhost", "127.0.0.2"} { // this very server, by another name
		add("http://" + host + ":" + own + "/renamed/" + strconv.Itoa(i))
	}
	add("https://127.0.0.1:" + h.trapped + "/inside/secure")
	return list
}
