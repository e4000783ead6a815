package units

import "testing"

func TestParseNetwork(t *testing.T) {
	for text, want := range map[string]string{
		"10.1.2.3/16": "10.1.0.0/16", "10.0.0.1": "10.0.0.1/32", "::1": "::1/128", "fd00::/8": "fd00::/8",
		"": "", "foo": "", "10.0.0.0/33": "", "10.0.0": "", "fe80::1%eth0": "", "10.0.0.1/": "",
	} {
		n, err := ParseNetwork(text)
		switch {
		case want == "" && (err == nil || n.IsValid()):
			t.Errorf("%q: %v, %v, want an error", text, n, err)
		case want != "" && (err != nil || n.String() != want):
			t.Errorf("%q: %v, %v, want %s", text, n, err, want)
		}
	}
}
