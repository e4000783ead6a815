package processor

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"tandem/store/fsx"
)

// A row group is flushed at so many rows or bytes of text, which bounds memory.
const (
	groupRows  = 20_000
	groupBytes = 64 << 20
)

// writeTable writes rows to path in a format, by rename. weigh is about how
// many bytes a row holds.
func writeTable[R any](fsys fsx.FS, path, format string, rows iter.Seq2[R, error], weigh func(*R) int) error {
	if err := fsys.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	err := fsx.Replace(fsys, path, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<20)
		write := writeJSONL[R]
		if format == Parquet {
			write = func(w io.Writer, rows iter.Seq2[R, error]) error { return writeParquet(w, rows, weigh) }
		}
		return errors.Join(write(b, rows), b.Flush())
	})
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	return nil
}

func writeParquet[R any](w io.Writer, rows iter.Seq2[R, error], weigh func(*R) int) error {
	pw := parquet.NewGenericWriter[R](w, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.KeyValueMetadata("schema_version", schemaVersion), parquet.CreatedBy("tandem", schemaVersion, ""))
	var one [1]R
	count, bytes := 0, 0
	for r, err := range rows {
		if err != nil {
			return err
		}
		one[0] = r
		if _, err := pw.Write(one[:]); err != nil {
			return err
		}
		count, bytes = count+1, bytes+weigh(&r)
		if count >= groupRows || bytes >= groupBytes {
			if err := pw.Flush(); err != nil {
				return err
			}
			count, bytes = 0, 0
		}
	}
	return pw.Close()
}

func writeJSONL[R any](w io.Writer, rows iter.Seq2[R, error]) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for r, err := range rows {
		if err != nil {
			return err
		}
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}
