package processor

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"

	"tandem/pipeline"
	"tandem/store"
)

// The tasks.
const (
	TextTask   = "text"
	ImagesTask = "images"
)

// Versions of the tasks. They are part of every key: raise one when the same
// bytes give another result.
const (
	textVersion   = 1
	imagesVersion = 1
)

// Tasks is what both sides of an executor of worker processes are given.
func Tasks() (*pipeline.TaskSet, error) {
	return pipeline.NewTaskSet(newTask(TextTask), newTask(ImagesTask))
}

type task = pipeline.Task[job, outcome]

// newTask returns one of the two tasks, by name.
func newTask(name string) task {
	t := task{Name: name, Version: versionOf(name), In: pipeline.JSON[job](),
		Out: pipeline.Codec[outcome]{Append: appendOutcome, Decode: decodeOutcome},
		Ref: func(j job) *pipeline.Ref { return &j.Ref }}
	do := describeText
	if name == ImagesTask {
		do = describeImage
	}
	t.Do = func(_ context.Context, j job, ref *pipeline.Ref) (outcome, error) {
		if ref == nil {
			return outcome{}, errors.New("no place to read the input from")
		}
		in, failed := read(j, *ref)
		if failed != nil {
			return outcome{Failed: failed}, nil
		}
		return do(j, in)
	}
	return t
}

func versionOf(name string) int {
	if name == ImagesTask {
		return imagesVersion
	}
	return textVersion
}

// job is one piece of work: the input of both tasks. The bytes stay where they
// are; the worker reads them at Ref.
type job struct {
	Key    Key          `json:"-"`
	Digest Digest       `json:"-"`
	Task   string       `json:"-"`
	Ref    pipeline.Ref `json:"-"`

	File      bool            `json:"file,omitempty"` // Ref is a whole file, not a WARC record
	MediaType string          `json:"type"`
	Charset   string          `json:"charset,omitempty"` // wins over what the record says
	Options   json.RawMessage `json:"options"`
}

// Reasons of a failure. Those of the package procpool come on top: memory,
// deadline, crash.
const (
	reasonDecode      = "decode"
	reasonTooLarge    = "too_large"
	reasonUnsupported = "unsupported"
	reasonCrash       = "crash"
	reasonDeadline    = "deadline"
)

// failure is why a job has no result.
type failure struct {
	Reason   string `json:"reason"`
	Signal   string `json:"signal,omitempty"`
	Attempts int    `json:"attempts"`
	Detail   string `json:"detail,omitempty"`
	Damaged  bool   `json:"damaged,omitempty"` // the archive is, not the payload
}

// outcome is what a task returns: the facts as JSON, which the parent does not
// look into, or why there are none.
type outcome struct {
	Facts       json.RawMessage
	Fingerprint []byte   // what near duplicates are found by
	Thumbnails  [][]byte // JPEG, in the order of the options' sizes
	Failed      *failure
}

// appendOutcome writes the parts of an outcome, each after its length.
func appendOutcome(dst []byte, o outcome) ([]byte, error) {
	var failed []byte
	if o.Failed != nil {
		var err error
		if failed, err = json.Marshal(o.Failed); err != nil {
			return nil, err
		}
	}
	for _, part := range append([][]byte{o.Facts, o.Fingerprint, failed}, o.Thumbnails...) {
		dst = binary.AppendUvarint(dst, uint64(len(part)))
		dst = append(dst, part...)
	}
	return dst, nil
}

var errOutcome = errors.New("bad outcome")

func decodeOutcome(b []byte) (outcome, error) {
	var parts [][]byte
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return outcome{}, errOutcome
		}
		b = b[k:]
		parts = append(parts, b[:n:n])
		b = b[n:]
	}
	if len(parts) < 3 {
		return outcome{}, errOutcome
	}
	o := outcome{Facts: parts[0], Fingerprint: parts[1], Thumbnails: parts[3:]}
	if len(parts[2]) > 0 {
		o.Failed = new(failure)
		if err := json.Unmarshal(parts[2], o.Failed); err != nil {
			return outcome{}, fmt.Errorf("%w: %w", errOutcome, err)
		}
	}
	return o, nil
}

// Caps of what a worker reads. A payload that decodes to more is no input for
// anything here; store.Response.Decode caps the ratio too.
const (
	maxBody   = 128 << 20 // decoded
	ratioFree = 1 << 20   // as store.Response.Decode: this much, and ratioMax times the input
	ratioMax  = 200
)

// input is what a worker read: the payload after all decoding.
type input struct {
	body      []byte
	mediaType string
	charset   string
	cut       bool
}

// read fetches a job's payload.
func read(j job, ref pipeline.Ref) (input, *failure) {
	if j.File {
		return readFile(j, ref)
	}
	r, err := store.ReadResponse(ref.Path, ref.Off, ref.Len)
	if err != nil {
		return input{}, &failure{Reason: reasonDecode, Attempts: 1, Detail: err.Error(), Damaged: true}
	}
	in := input{mediaType: j.MediaType, charset: j.Charset, cut: r.Truncated}
	if in.charset == "" {
		in.charset = charsetOf(r.Get("Content-Type"))
	}
	body, cut, err := r.Decode(maxBody)
	if err != nil {
		return input{}, &failure{Reason: reasonDecode, Attempts: 1, Detail: err.Error()}
	}
	if cut && isBomb(len(r.Body), len(body)) {
		detail := fmt.Sprintf("%d bytes decode to more than %d", len(r.Body), len(body))
		return input{}, &failure{Reason: reasonTooLarge, Attempts: 1, Detail: detail}
	}
	in.body, in.cut = body, in.cut || cut
	return in, nil
}

// isBomb tells a body that hit a cap of the decoder from one that breaks off.
func isBomb(coded, decoded int) bool {
	return decoded >= maxBody || decoded >= ratioFree+ratioMax*coded
}

func readFile(j job, ref pipeline.Ref) (input, *failure) {
	if ref.Len > maxBody {
		detail := fmt.Sprintf("a file of %d bytes, %d at most", ref.Len, maxBody)
		return input{}, &failure{Reason: reasonTooLarge, Attempts: 1, Detail: detail}
	}
	f, err := os.Open(ref.Path)
	if err != nil {
		return input{}, &failure{Reason: reasonDecode, Attempts: 1, Detail: err.Error()}
	}
	defer f.Close()
	body, err := io.ReadAll(io.NewSectionReader(f, ref.Off, ref.Len))
	if err != nil {
		return input{}, &failure{Reason: reasonDecode, Attempts: 1, Detail: err.Error()}
	}
	return input{body: body, mediaType: j.MediaType, charset: j.Charset}, nil
}

func charsetOf(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}
