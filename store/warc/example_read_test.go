package warc_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"tandem/store/warc"
)

// What does a reader do with a file that somebody has cut a hole into?
func ExampleReader() {
	var file bytes.Buffer
	w, err := warc.NewWriter(&file, warc.EncoderConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var second warc.Position
	for i := range 3 {
		h := warc.NewHeader(warc.TypeResource, warc.NewID(), time.Unix(0, 0))
		h.Add("WARC-Target-URI", fmt.Sprintf("http://example.com/%d", i+1))
		h.Add("Content-Type", "text/plain")
		at, err := w.Write(&warc.Record{Header: h, Block: []byte("hello")})
		if err != nil {
			fmt.Println(err)
			return
		}
		if i == 1 {
			second = at[0]
		}
	}
	copy(file.Bytes()[second.Offset:], make([]byte, second.Length/2))

	r := warc.NewReader(bytes.NewReader(file.Bytes()), "x.warc.gz", warc.Limits{})
	for {
		record, err := r.Next()
		var damage *warc.DamageError
		switch {
		case err == io.EOF:
			return
		case errors.As(err, &damage):
			fmt.Println("damage at the second record:", damage.Offset == second.Offset, damage.End == second.Offset+second.Length)
		case err != nil:
			fmt.Println(err)
			return
		default:
			fmt.Println(record.Header.Get("WARC-Target-URI"), string(record.Block))
		}
	}
	// Output:
	// http://example.com/1 hello
	// damage at the second record: true true
	// http://example.com/3 hello
}
