package warc

import (
	"bytes"
	stdgzip "compress/gzip"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// inflated unpacks one member with the standard library, which checks its sum and size, and demands that nothing is left.
func inflated(t testing.TB, member []byte) []byte {
	t.Helper()
	in := bytes.NewReader(member)
	r, err := stdgzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	r.Multistream(false)
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if in.Len() > 0 {
		t.Fatalf("%d bytes behind the member", in.Len())
	}
	return b
}

func TestDeflateRoundTrip(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	var skewed []byte // frequencies as Fibonacci numbers: an optimal tree is deeper than 15
	for i, a, b := 0, 1, 1; i < 24; i, a, b = i+1, b, a+b {
		skewed = append(skewed, bytes.Repeat([]byte{byte(i)}, a)...)
	}
	rng.Shuffle(len(skewed), func(i, j int) { skewed[i], skewed[j] = skewed[j], skewed[i] })
	var d deflater
	for name, src := range map[string][]byte{
		"empty": nil, "one": {7}, "two": []byte("ab"), "short": []byte("abcabcabcabcabcabcabcabc"), "noise": noise, "one block of noise": noise[:blockSize],
		"zeros": make([]byte, 700_000), "skewed": skewed, "far": append(append(bytes.Clone(noise[:maxOffset]), noise[:500]...), noise[:maxOffset+3]...),
		"text": []byte(strings.Repeat("All work and no play makes Jack a dull boy. ", 9000)), "bytes": noise[:256],
		"match over the block's end": append(append(bytes.Clone(noise[:blockSize-20]), bytes.Repeat([]byte("x"), 600)...), noise[:100]...),
	} {
		for range 2 { // the second time the table is full of what came before
			if got := inflated(t, d.appendMember(nil, src[:len(src)/2], src[len(src)/2:])); !bytes.Equal(got, src) {
				t.Errorf("%s: %d bytes come back as %d, or differ", name, len(src), len(got))
			}
		}
	}
	for range 3000 {
		n := rng.IntN(3000)
		src := make([]byte, n)
		letters := 1 + rng.IntN(256)
		for i := range src {
			src[i] = byte(rng.IntN(letters))
			if i > 9 && rng.IntN(4) == 0 {
				src[i] = src[i-1-rng.IntN(9)]
			}
		}
		if got := inflated(t, d.appendMember(nil, src)); !bytes.Equal(got, src) {
			t.Fatalf("%d bytes of %d letters differ", n, letters)
		}
	}
	d.base = maxBase + 1
	if got := inflated(t, d.appendMember(nil, skewed)); !bytes.Equal(got, skewed) {
		t.Error("after a gigabyte it differs")
	}
}

func FuzzDeflate(f *testing.F) {
	f.Add([]byte("abcabcabcabcabcdefdefdefghighighiabcabc"), uint16(3))
	f.Add([]byte{0}, uint16(60_000))
	var d deflater
	f.Fuzz(func(t *testing.T, src []byte, repeats uint16) {
		src = bytes.Repeat(src, 1+int(repeats)%(1+maxMember/(len(src)+1)))
		if got := inflated(t, d.appendMember(nil, src)); !bytes.Equal(got, src) {
			t.Errorf("%d bytes differ", len(src))
		}
	})
}
