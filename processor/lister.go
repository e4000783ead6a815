package processor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"tandem/pipeline"
	"tandem/store"
	"tandem/store/warc"
)

// lister turns records and files into rows and jobs. It runs ahead of the
// workers: rows are needed in memory anyway, and the number of jobs is known
// early. One goroutine uses it; others read its rows after that has ended.
type lister struct {
	p     *Processor
	past  history
	rows  []row
	queue map[string]*pipeline.Queue[job] // by task
	asked map[Key]bool                    // jobs of this batch
	// payloads finds what the revisits of other people's WARC files repeat. Nil
	// for archives of ours, whose indexes say it.
	payloads map[Digest]payload
	names    map[string]string // repeated texts, held once
}

// payload is where a stored payload is.
type payload struct {
	path   string
	offset int64
	length int64
	media  string
}

func (p *Processor) newLister(past history) (*lister, error) {
	l := &lister{p: p, past: past, asked: make(map[Key]bool), queue: make(map[string]*pipeline.Queue[job]), names: make(map[string]string)}
	for _, name := range []string{TextTask, ImagesTask} {
		q, err := pipeline.NewQueue(pipeline.QueueConfig[job]{})
		if err != nil {
			return nil, err
		}
		l.queue[name] = q
	}
	return l, nil
}

// close ends the queues: there are no more jobs.
func (l *lister) close() {
	for _, q := range l.queue {
		q.Close()
	}
}

// intern returns one copy of texts that many rows share.
func (l *lister) intern(s string) string {
	if t, ok := l.names[s]; ok {
		return t
	}
	l.names[s] = s
	return s
}

// record takes one record of a WARC file in folder dir.
func (l *lister) record(ctx context.Context, dir string, e store.Entry) error {
	switch {
	case e.Status >= 200 && e.Status <= 299, e.Type == warc.TypeRevisit && e.Status == 304:
	case e.Status == 404 || e.Status == 410:
		l.rows = append(l.rows, l.rowOf(dir, e))
		return nil
	case e.Status >= 300 && e.Status <= 399:
		l.p.tally.skip(skipRedirect, 1)
		return nil
	default:
		l.p.tally.skip(skipStatus, 1)
		return nil
	}
	r := l.rowOf(dir, e)
	at, ok := l.locate(dir, e, &r)
	if !ok {
		l.p.tally.skip(skipPayload, 1)
		return nil
	}
	task, why := taskFor(r.media)
	if task == "" && why == "" {
		r.media = l.look(at)
		if task, why = taskFor(r.media); task == "" && why == "" {
			why = skipType
		}
	}
	if why != "" {
		l.p.tally.skip(why, 1)
		return nil
	}
	r.task, r.media = task, l.intern(refine(r.media, pathOf(r.id)))
	return l.take(ctx, r, job{Ref: pipeline.Ref{Path: at.path, Off: at.offset, Len: at.length}})
}

func (l *lister) rowOf(dir string, e store.Entry) row {
	return row{
		id: e.URL, revisit: e.Type == warc.TypeRevisit, fetched: when(e.Date()), status: e.Status, depth: e.Meta.Depth,
		segment: l.intern(e.Filename), offset: e.Offset, media: e.Mime, via: l.intern(e.Meta.Via), alt: e.Meta.Alt,
		columns: e.Meta.Columns, source: l.intern(filepath.Join(dir, e.Filename)),
	}
}

// locate finds a record's payload and completes the row by what is known of it.
func (l *lister) locate(dir string, e store.Entry, r *row) (payload, bool) {
	digest, ok := parseDigest(e.Digest)
	if !ok {
		return payload{}, false
	}
	r.digest = digest
	at := payload{path: r.source, offset: e.Offset, length: e.Length, media: e.Mime}
	if e.Type != warc.TypeRevisit {
		if _, known := l.payloads[digest]; l.payloads != nil && !known {
			l.payloads[digest] = at
		}
		return at, true
	}
	if e.RefSegment != "" {
		at = payload{path: filepath.Join(dir, e.RefSegment), offset: e.RefOffset, length: e.RefLength}
	} else if at, ok = l.payloads[digest]; !ok {
		return payload{}, false
	}
	if r.media == "" {
		r.media = at.media
	}
	if before, known := l.past[e.URL]; r.media == "" && known && before.digest == digest {
		r.media = before.media // a 304 does not repeat the type
	}
	return at, true
}

// maxLook caps what is decoded to see what kind of body it is.
const maxLook = 64 << 10

// look guesses the media type of a stored payload by its bytes.
func (l *lister) look(at payload) string {
	r, err := store.ReadResponse(at.path, at.offset, at.length)
	if err != nil {
		return ""
	}
	body, _, err := r.Decode(maxLook)
	if err != nil {
		return ""
	}
	return sniff(body)
}

// take adds a row and, unless its result is there or on its way, the job for it.
func (l *lister) take(ctx context.Context, r row, j job) error {
	if !l.p.wants(r.task) {
		l.p.tally.skip(skipNotAsked, 1)
		return nil
	}
	j.Task, j.Digest, j.MediaType, j.Options = r.task, r.digest, r.media, l.p.options[r.task]
	j.Key = makeKey(r.digest, keyType(r), j.Charset, r.task, versionOf(r.task), j.Options)
	r.key = j.Key
	l.rows = append(l.rows, r)
	l.p.sample.offer(j)
	if l.asked[j.Key] {
		return nil
	}
	l.asked[j.Key] = true
	if l.p.finished(j) {
		l.p.tally.skip(skipFinished, 1)
		return nil
	}
	l.p.tally.listed()
	return l.queue[r.task].Put(ctx, j)
}

// keyType is the part of the media type that a result depends on. Images are
// decoded by their bytes, whatever they were called.
func keyType(r row) string {
	if r.task == ImagesTask {
		return ""
	}
	return r.media
}

// damage reports damage that listing came across.
func (l *lister) damage(err error, segment string) {
	d := Damage{Segment: segment, Error: err.Error()}
	var at *warc.DamageError
	if errors.As(err, &at) {
		d.Segment, d.Offset, d.Error = at.Name, at.Offset, fmt.Sprint(at.Err)
	}
	l.p.tally.damage(d)
	l.p.cfg.Logger.Warn("damage in an archive: the rest is kept", "segment", d.Segment, "offset", d.Offset, "err", d.Error)
}
