package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write puts a file into a new folder.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// openTargets reads text as standard input.
func openTargets(text, format string) (*Set, error) {
	return config(func(c *Config) {
		c.Targets, c.TargetsFormat, c.Stdin = "-", format, strings.NewReader(text)
		c.Headers = []string{"X-Run: r"}
	}).Open()
}

func TestTargetFiles(t *testing.T) {
	t.Parallel()
	body := write(t, "body.json", `{"a":"{{seq}}"}`)
	for _, test := range []struct {
		name, format, in string
		want             []string
	}{
		{"vegeta's simple targets", "auto", "GET http://goku:9090/path?item=ball\nGET http://user:pass%20word@goku:9090/path\nHEAD http://goku:9090/ok\n", []string{
			"GET http://goku:9090/path?item=ball\nX-Run: r",
			"GET http://goku:9090/path\nX-Run: r\nAuthorization: Basic dXNlcjpwYXNzIHdvcmQ=",
			"HEAD http://goku:9090/ok\nX-Run: r"}},
		{"vegeta's headers, bodies and comments", "auto", "# comment\r\n\r\nPOST http://goku/things\r\nX-Account-ID: 8675309\r\n# comment\r\nX-Account-ID: 2\r\n@" + body + "\r\n\r\nDELETE   http://goku/x\r\nx-run: other\r\nPATCH http://goku/y", []string{
			"POST http://goku/things\nX-Run: r\nX-Account-ID: 8675309\nX-Account-ID: 2\n\n{\"a\":\"{{seq}}\"}",
			"DELETE http://goku/x\nx-run: other",
			"PATCH http://goku/y\nX-Run: r"}},
		{"lines of URLs", "auto", "\ufeffhttp://a.example/1\n  HTTPS://A.example/2#part\n", []string{
			"GET http://a.example/1\nX-Run: r", "GET https://a.example/2\nX-Run: r"}},
		{"vegeta's JSON", "auto", `{"method":"GET","url":"http://goku","body":"UHVuY2gh","header":{"Content-Type":["text/plain"],"X-A":["1","2"]}}` + "\n" + `{"method":"PUT","url":"http://goku/b"}`, []string{
			"GET http://goku/\nX-Run: r\nContent-Type: text/plain\nX-A: 1\nX-A: 2\n\nPunch!", "PUT http://goku/b\nX-Run: r"}},
		{"vegeta's JSON, told", "json", `{"method":"GET","url":"http://goku","body":"UHVuY2gh"}`, []string{
			"GET http://goku/\nX-Run: r\n\nPunch!"}},
		{"JSONL", "auto", "# comment\n" + `{"url":"http://a.example/1","headers":{"A":"1","B":["2","3"]},"body":"é{{seq}}"}` + "\n\n" + `{"method":"PUT","url":"http://a.example/2","body_file":"` + body + `"}` + "\n" + `{"url":"http://a.example/3","body_base64":"e3tzZXF9fQ=="}`, []string{
			"GET http://a.example/1\nX-Run: r\nA: 1\nB: 2\nB: 3\n\né0",
			"PUT http://a.example/2\nX-Run: r\n\n{\"a\":\"{{seq}}\"}",
			"GET http://a.example/3\nX-Run: r\n\n{{seq}}"}},
		{"JSONL without a key that tells", "auto", `{"url":"http://a.example/1"}`, []string{"GET http://a.example/1\nX-Run: r"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := openTargets(test.in, test.format)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range s.Len() {
				got = append(got, sent(s, int64(i)))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTargetFileProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, format, in, want string }{
		{"nothing", "auto", "\n# only a comment\n", `read targets "standard input": there is no target in it`},
		{"http", "auto", strings.Join([]string{
			"GET",
			"X-A: 1",
			"",
			"GET /path",
			"",
			"GET http://a.example/ok HTTP/1.1",
			"X-A: 1",
			"",
			"  POST http://a.example/ok",
			"@/no/such/file",
			"",
			"POST http://a.example/ok",
			"  X Bad: 1",
			"",
			"POST http://a.example/ok",
			"word",
			"",
			"CONNECT http://a.example/ok",
			"",
			"GET ftp://a.example/ok",
			"",
			"GET http://a.example:99999/ok",
			"Content-Length: 5",
			"",
			"GET http://a.example/{{nosuch}}",
			"",
			"GET http://{{host}}/",
			"",
			"GET http://a.example/ok",
			"A:  {{seq",
			"",
			"http://a.example/ b",
			"",
			"X-Secret: a b",
			"",
			"get http://a.example/",
		}, "\n"), strings.Join([]string{
			`standard input:1:1: want a method and a URL, as GET http://127.0.0.1:8080/, or a URL`,
			`standard input:4:5: parse URL "/path": want http:// or https://`,
			`standard input:6:1: a blank in a URL; want a method and a URL, a line`,
			`standard input:10:1: open body "/no/such/file": no such file or directory`,
			`standard input:13:10: header "X Bad": not a valid field`,
			`standard input:16:1: want a header field as Name: value, a body as @file, or an empty line before the next target`,
			`standard input:18:1: method "CONNECT": not usable`,
			`standard input:20:5: parse URL "ftp://a.example/ok": want http:// or https://`,
			`standard input:22:5: host "a.example:99999": want host:port`,
			`standard input:25:22: placeholder {{nosuch}}: unknown name; without a feed there are seq, random, uuid`,
			`standard input:27:12: a placeholder in the scheme, host or port: which address is reached has to be known, and checked, before the run`,
			`standard input:30:5: placeholder is not closed: want {{name}}`,
			`standard input:32:1: a blank in a URL; want one URL, or a method and a URL, a line`,
			`standard input:34:1: a header field without a target; want a method and a URL first`,
			`standard input:36:1: method "get": want capital letters, as GET`,
		}, "\n")},
		{"header that only transport sets", "auto", "GET http://a.example/\nContent-Length: 5\n", `standard input:2:17: header "Content-Length": set by the transport alone`},
		{"ambiguous", "auto", "\n" + `{"url":"http://a.example/","body":"aGVsbG8="}`, `standard input:2:1: body is base64 in vegeta's JSON and text in JSONL, and nothing else here tells which; want --targets-format json or jsonl`},
		{"jsonl", "jsonl", strings.Join([]string{
			`{"url":"http://a.example/","headers":{"A":1}}`,
			`{"url":"http://a.example/","weight":0}`,
			`{"url":"http://a.example/", "weight":"3"}`,
			`{"method":"GET"}`,
			`{"url":"http://a.example/","url":"http://a.example/"}`,
			`{"url":"http://a.example/","uri":"http://a.example/"}`,
			`{"url":"http://a.example/","header":{}}`,
			`{"url":"http://a.example/"`,
			`  ["http://a.example/"]`,
			`{"url":"http://a.example/"} {}`,
			`{"url":"http://a.example/","body":"a","body_base64":"YQ=="}`,
			`{"url":"http://a.example/","body_base64":"%"}`,
			`{"url":"http://a.example/","check":["status=200","body=="]}`,
			`{"url":"http://a.example/","check":"time<5"}`,
			`{"url":"http://a.example/{{x}}"}`,
			`{"url":"http://a.example/","headers":{"A":"ok","B\n":"x"}}`,
			`{"url":"http://a.example/","method":"A B"}`,
			`{"url":"http://a.example/","body":"ab{{y}}"}`,
			`{"url":tru}`,
		}, "\n"), strings.Join([]string{
			`standard input:1:38: headers: "A": want a text or a list of texts`,
			`standard input:2:37: weight: weight 0: want a number above 0, up to 1,000,000,000`,
			`standard input:3:38: weight: weight \"3\": want a number above 0, up to 1,000,000,000`,
			`standard input:4:1: no url`,
			`standard input:5:28: key "url" stands here for the second time`,
			`standard input:6:28: unknown key "uri"; want body, body_base64, body_file, check, headers, method, name, url, weight`,
			`standard input:7:28: unknown key "header"; vegeta's JSON has header, JSONL headers; want --targets-format json, or headers`,
			`standard input:8:27: broken JSON: the line ends within a value`,
			`standard input:9:3: want a JSON object, {…}`,
			`standard input:10:29: broken JSON: invalid character '{' after top-level value`,
			`standard input:11:53: body_base64: a second body; want one of body, body_base64 and body_file`,
			`standard input:12:42: body_base64: want base64: illegal base64 data at input byte 0`,
			`standard input:14:36: check: check "time<5": "time" cannot be checked; want status, header.NAME, body, body.size or body.json:PATH`,
			`standard input:15:26: placeholder {{x}}: unknown name; without a feed there are seq, random, uuid`,
			`standard input:16:55: header "B\n": not a valid field`,
			`standard input:17:37: method "A B": not usable`,
			`standard input:18:38: placeholder {{y}}: unknown name; without a feed there are seq, random, uuid`,
			`standard input:19:11: broken JSON: invalid character '}' in literal true (expecting 'e')`,
		}, "\n")},
		{"twenty at most", "http", strings.Repeat("GET\n\n", 30), manyBad(20) + "standard input: not looked at further after 20 problems"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := openTargets(test.in, test.format)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func manyBad(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("standard input:" + itoa(2*i+1) + `:1: want a method and a URL, as GET http://127.0.0.1:8080/, or a URL` + "\n")
	}
	return b.String()
}

func TestWeightsNamesAndChecksOfTargets(t *testing.T) {
	t.Parallel()
	s, err := openTargets(strings.Join([]string{
		`{"url":"http://a.example/1","weight":9,"name":"front","check":"status=200"}`,
		`{"url":"http://a.example/2","check":["status=200","body*=x"]}`,
		`{"url":"http://a.example/3"}`}, "\n"), "auto")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for i := range int64(11_000) {
		count[s.Name(s.Pick(i))]++
	}
	if n := count["front"]; n < 8700 || n > 9300 {
		t.Errorf("weight 9 of 11 got %d of 11000 sends", n)
	}
	if n := count["GET http://a.example/3"]; n < 800 || n > 1200 {
		t.Errorf("weight 1 of 11 got %d of 11000 sends: %v", n, count)
	}
	if diff := cmp.Diff([]string{"status=200", "body*=x"}, s.CheckNames()); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
	for _, v := range []struct{ target, status, want int }{{0, 200, -1}, {0, 500, 0}, {1, 200, 1}, {2, 500, -1}} {
		if got := s.Verify(v.target, v.status, nil, nil); got != v.want {
			t.Errorf("target %d, status %d: check %d is broken, want %d", v.target, v.status, got, v.want)
		}
	}
}

// Beyond its bounds a file is refused with the line that goes too far.
func TestTargetFileBounds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a second")
	}
	_, err := openTargets(strings.Repeat("http://a.example/\n", maxTargets+1), "http")
	if want := "standard input:1000001:1: more than 1,000,000 targets: a set holds no more"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	_, err = openTargets("http://a.example/"+strings.Repeat("x", int(maxLine)), "http")
	if want := "standard input:1:1: a line of more than 16MiB"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func FuzzTargetFile(f *testing.F) {
	for _, seed := range []string{
		"GET http://a.example/{{seq}}\nA: {{uuid}}\n\nhttp://b.example/", "POST http://u:p@a.example/x\nX: 1\n# c\n@nofile\n",
		`{"url":"http://a.example/","headers":{"A":["1"]},"body":"x{{random|json}}","weight":2,"check":"status=2xx"}`,
		`{"method":"GET","url":"http://a.example/","header":{"A":["1"]},"body":"eA=="}`, "{", "\x00", "{\"url\":\"http://a.example/\"}{}",
	} {
		f.Add(seed, "auto")
	}
	f.Add("{}", "json")
	f.Add("{}", "jsonl")
	f.Fuzz(func(t *testing.T, in, format string) {
		if strings.Contains(in, "@") || strings.Contains(in, "body_file") {
			return // no file of this machine is a seed
		}
		s, err := openTargets(in, format)
		if err != nil {
			return
		}
		for i := range int64(min(2*s.Len(), 100)) {
			checkSent(t, s, i)
		}
	})
}
