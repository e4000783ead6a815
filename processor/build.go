package processor

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"

	"tandem/processor/dedup"
)

// build writes the files of one run from its rows and the parts. Without a name
// the run is called by the start. newest says that its rows count in the
// summary.
func (p *Processor) build(l *lister, run string, newest bool) error {
	p.tally.enter("writing " + run)
	rows, dropped := settle(l.rows, l.past)
	l.rows = nil
	if dropped > 0 {
		p.tally.skip(skipStatus, int64(dropped))
	}
	b := &builder{p: p, run: run, out: RunRows{Changes: make(map[string]int64), by: make(map[string]int64), newest: newest}}
	b.out.Stamp = b.stamp(rows)
	if run == "" {
		b.run = p.nameRun(b.out.Stamp)
	}
	b.out.Run = b.run
	if err := b.sort(rows); err != nil {
		return err
	}
	if err := b.write(); err != nil {
		return err
	}
	p.runs = append(p.runs, b.out)
	return nil
}

// nameRun names a run of inputs that have none by the start or, when the same
// inputs gave the same rows before, as it was named then: the same file again,
// not a second one.
func (p *Processor) nameRun(stamp string) string {
	for _, r := range p.earlier.Runs {
		if r.Stamp == stamp && p.haveFiles(r.Files) {
			return r.Run
		}
	}
	return p.started.Format(runFormat)
}

// builder makes the tables of a run.
type builder struct {
	p   *Processor
	run string
	out RunRows

	documents, images []*row // with content or gone, sorted
}

// sort parts a run's rows by table, and takes out what is in quarantine.
func (b *builder) sort(rows []row) error {
	for i := range rows {
		r := &rows[i]
		if r.change == changeGone {
			if b.p.wants(r.task) {
				b.out.Gone++
				b.add(r)
			}
			continue
		}
		at, ok := b.p.parts.find(r.key)
		if !ok {
			return fmt.Errorf("build run %s: no result of %q", b.run, r.id)
		}
		if at.bad {
			if err := b.quarantine(r, at); err != nil {
				return err
			}
			continue
		}
		if r.task == TextTask {
			b.out.Documents++
		} else {
			b.out.Images++
		}
		b.add(r)
	}
	return nil
}

func (b *builder) add(r *row) {
	b.out.Changes[string(r.change)]++
	if r.task == TextTask {
		b.documents = append(b.documents, r)
	} else {
		b.images = append(b.images, r)
	}
}

// quarantine notes a row that has no result.
func (b *builder) quarantine(r *row, at place) error {
	l, err := b.p.parts.read(at)
	if err != nil {
		return err
	}
	f := l.Quarantine
	if f == nil {
		return fmt.Errorf("read part %q: %w: no reason at %d", at.part.path, errPart, at.off)
	}
	b.out.Quarantined++
	b.out.by[f.Reason]++
	b.p.quarantine = append(b.p.quarantine, Quarantined{
		Origin: r.origin(b.run), Task: r.task, Reason: f.Reason, Signal: some(f.Signal), Attempts: f.Attempts, Detail: f.Detail})
	if f.Damaged {
		b.p.tally.damage(Damage{Segment: r.source, Offset: r.offset, Error: f.Detail})
		b.p.cfg.Logger.Warn("record is damaged: the rest is kept", "segment", r.source, "offset", r.offset, "err", f.Detail)
	}
	return nil
}

// write writes the tables in every format, unless those that are there were
// built from the same rows.
func (b *builder) write() error {
	docs, images := b.p.wants(TextTask), b.p.wants(ImagesTask)
	b.out.Files = b.files(docs, images)
	if b.unchanged() {
		return nil
	}
	if docs {
		near, err := b.nearDocuments()
		if err != nil {
			return err
		}
		err = writeAll(b, documentsDir, len(b.documents), func() iter.Seq2[Document, error] { return b.documentRows(near) },
			func(d *Document) int { return 500 + len(deref(d.Text)) })
		if err != nil {
			return err
		}
	}
	if images {
		near, err := b.nearImages()
		if err != nil {
			return err
		}
		return writeAll(b, imagesDir, len(b.images), func() iter.Seq2[Image, error] { return b.imageRows(near) },
			func(*Image) int { return 500 })
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// files lists what the run consists of, below the dataset, with slashes.
func (b *builder) files(docs, images bool) []string {
	list := []string{}
	for _, format := range b.p.cfg.Format {
		if docs && len(b.documents) > 0 {
			list = append(list, documentsDir+"/"+b.run+"."+format)
		}
		if images && len(b.images) > 0 {
			list = append(list, imagesDir+"/"+b.run+"."+format)
		}
	}
	return list
}

// stamp is a digest of everything that a run's files are made of.
func (b *builder) stamp(rows []row) string {
	h := sha256.New()
	text := func(parts ...string) {
		for _, s := range parts {
			h.Write(binary.AppendUvarint(nil, uint64(len(s))))
			h.Write([]byte(s))
		}
	}
	text(schemaVersion)
	text(b.p.cfg.Tasks...)
	text(b.p.cfg.Format...)
	for i := range rows {
		r := &rows[i]
		at, _ := b.p.parts.find(r.key)
		text(r.id, r.task, string(r.change), r.segment, fmt.Sprint(r.offset, r.fetched, at.bad))
		h.Write(r.key[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// unchanged reports whether the run's files are there already.
func (b *builder) unchanged() bool {
	i := slices.IndexFunc(b.p.earlier.Runs, func(r RunRows) bool { return r.Run == b.run && r.Stamp == b.out.Stamp })
	if i < 0 {
		return false
	}
	return b.p.haveFiles(b.out.Files)
}

// haveFiles reports whether files of the dataset are all there.
func (p *Processor) haveFiles(names []string) bool {
	for _, name := range names {
		if _, err := p.cfg.FS.Stat(filepath.Join(p.dataset, filepath.FromSlash(name))); err != nil {
			return false
		}
	}
	return true
}

// writeAll writes one table in every format, and removes the run's file in a
// format that is no longer asked for: it would be of another time. A table
// without rows has no file.
func writeAll[R any](b *builder, folder string, count int, rows func() iter.Seq2[R, error], weigh func(*R) int) error {
	for _, format := range []string{Parquet, JSONL} {
		path := filepath.Join(b.p.dataset, folder, b.run+"."+format)
		if count > 0 && slices.Contains(b.p.cfg.Format, format) {
			if err := writeTable(b.p.cfg.FS, path, format, rows(), weigh); err != nil {
				return err
			}
			continue
		}
		if err := b.p.cfg.FS.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove old table: %w", err)
		}
	}
	return nil
}

// facts reads the result of a row; nil for one that is gone.
func (b *builder) facts(r *row) (json.RawMessage, error) {
	if r.change == changeGone {
		return nil, nil
	}
	at, _ := b.p.parts.find(r.key)
	l, err := b.p.parts.read(at)
	if err != nil {
		return nil, err
	}
	return l.Result, nil
}

func (b *builder) documentRows(near map[string]string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for _, r := range b.documents {
			facts, err := b.facts(r)
			var d Document
			if err == nil {
				d, err = r.document(b.run, facts, some(near[r.id]))
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

func (b *builder) imageRows(near map[string]string) iter.Seq2[Image, error] {
	size := 0
	if len(b.p.cfg.ThumbnailSizes) > 0 {
		size = b.p.cfg.ThumbnailSizes[0]
	}
	return func(yield func(Image, error) bool) {
		for _, r := range b.images {
			facts, err := b.facts(r)
			var m Image
			if err == nil {
				m, err = r.image(b.run, facts, some(near[r.id]), size)
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// nearDocuments finds, for each document that nearly repeats another, the one
// that stands for both.
func (b *builder) nearDocuments() (map[string]string, error) {
	var items []dedup.Item
	for _, r := range b.documents {
		if r.change == changeGone {
			continue
		}
		at, _ := b.p.parts.find(r.key)
		print, err := b.p.parts.fingerprint(at)
		if err != nil {
			return nil, err
		}
		items = append(items, dedup.Item{ID: r.id, Digest: string(r.digest[:]), Signature: unpackSignature(print)})
	}
	near := make(map[string]string)
	for i, of := range dedup.Groups(items, dedup.DefaultThreshold) {
		if of != i {
			near[items[i].ID] = items[of].ID
		}
	}
	return near, nil
}

// nearImages is nearDocuments for images.
func (b *builder) nearImages() (map[string]string, error) {
	var items []dedup.Image
	for _, r := range b.images {
		if r.change == changeGone {
			continue
		}
		at, _ := b.p.parts.find(r.key)
		print, err := b.p.parts.fingerprint(at)
		if err != nil {
			return nil, err
		}
		if len(print) != 8 {
			return nil, fmt.Errorf("read part %q: %w: no perceptual hash at %d", at.part.path, errPart, at.off)
		}
		items = append(items, dedup.Image{ID: r.id, Digest: string(r.digest[:]), PHash: binary.LittleEndian.Uint64(print)})
	}
	near := make(map[string]string)
	for i, of := range dedup.ImageGroups(items, dedup.DefaultDistance) {
		if of != i {
			near[items[i].ID] = items[of].ID
		}
	}
	return near, nil
}
