package crawler

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// export writes what a finished crawl has found beside its archive.
func (r *run) export() error {
	if err := r.exportFile(inlinksFile, r.writeInlinks); err != nil {
		return err
	}
	if r.itemizer == nil {
		return nil
	}
	return r.exportFile(itemsFile, r.writeItems)
}

// exportFile replaces a file of the run directory by rename.
func (r *run) exportFile(name string, write func(io.Writer) error) error {
	path := filepath.Join(r.cfg.Dir, name)
	tmp := path + ".tmp"
	f, err := r.cfg.FS.Create(tmp)
	if err != nil {
		return fmt.Errorf("export %q: %w", path, err)
	}
	w := bufio.NewWriterSize(f, 1<<18)
	if err := write(w); err != nil {
		return errors.Join(fmt.Errorf("export %q: %w", path, err), f.Close())
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("export %q: %w", path, err)
	}
	return r.cfg.FS.Rename(tmp, path)
}

// writeInlinks writes one line per known URL with the number of pages that
// link to it and how it ended.
func (r *run) writeInlinks(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for in, err := range r.frontier.Inlinks() {
		if err != nil {
			return err
		}
		line := struct {
			URL       string `json:"url"`
			Inlinks   int64  `json:"inlinks"`
			Requisite bool   `json:"requisite"`
			State     string `json:"state"`
			Status    int    `json:"status,omitempty"`
			Reason    string `json:"reason,omitempty"`
		}{in.URL, in.Inlinks, in.Requisite, in.State.String(), in.Status, in.Reason}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// writeItems writes the items of all known pages, those of unchanged ones too.
func (r *run) writeItems(w io.Writer) error {
	for lines, err := range r.frontier.Items() {
		if err != nil {
			return err
		}
		if _, err := w.Write(lines); err != nil {
			return err
		}
	}
	return nil
}
