package processor

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tandem/processor/imaging"
)

// imageFacts is what is stored of an image.
type imageFacts struct {
	Format        string     `json:"format"`
	Width         int        `json:"width"`
	Height        int        `json:"height"`
	Frames        int        `json:"frames"`
	PHash         uint64     `json:"phash,string"`
	BlurHash      string     `json:"blurhash"`
	DominantColor string     `json:"dominant_color"`
	Exif          *exifFacts `json:"exif,omitempty"`
	Thumbnails    int        `json:"thumbnails"`
	Salvaged      bool       `json:"salvaged,omitempty"`
	Detail        string     `json:"detail,omitempty"`
}

type exifFacts struct {
	Make        string     `json:"make,omitempty"`
	Model       string     `json:"model,omitempty"`
	Time        *time.Time `json:"time,omitempty"`
	Orientation int        `json:"orientation,omitempty"`
	Latitude    *float64   `json:"latitude,omitempty"`
	Longitude   *float64   `json:"longitude,omitempty"`
}

// imageOptions are what the image task's result depends on; they are part of
// its keys, in the order of their fields.
type imageOptions struct {
	MaxPixels  int64 `json:"max_pixels"`
	MaxBytes   int64 `json:"max_bytes"`
	Thumbnails []int `json:"thumbnails"`
}

// imageOptions derives the task's options from the configuration. Decoding may
// take half of a worker's memory: the libraries linked in need a share too.
func (c *Config) imageOptions() imageOptions {
	o := imageOptions{MaxPixels: c.MaxPixels, MaxBytes: imaging.DefaultOptions().MaxBytes, Thumbnails: c.ThumbnailSizes}
	if c.WorkerMemory > 0 {
		o.MaxBytes = min(o.MaxBytes, c.WorkerMemory.Int64()/2)
	}
	return o
}

func (o imageOptions) imaging() imaging.Options {
	opt := imaging.DefaultOptions()
	opt.MaxPixels, opt.MaxBytes, opt.ThumbnailSizes = o.MaxPixels, o.MaxBytes, o.Thumbnails
	return opt
}

// options renders each task's options in their canonical form.
func (c *Config) options() (map[string]json.RawMessage, error) {
	images, err := json.Marshal(c.imageOptions())
	if err != nil {
		return nil, fmt.Errorf("render options: %w", err)
	}
	return map[string]json.RawMessage{TextTask: json.RawMessage("{}"), ImagesTask: images}, nil
}

// describeImage is the image task.
func describeImage(j job, in input) (outcome, error) {
	var opt imageOptions
	if err := json.Unmarshal(j.Options, &opt); err != nil {
		return outcome{}, fmt.Errorf("read options: %w", err)
	}
	r, err := imaging.Describe(in.body, opt.imaging())
	var bad *imaging.Error
	if errors.As(err, &bad) {
		return outcome{Failed: &failure{Reason: bad.Reason, Attempts: 1, Detail: bad.Detail}}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	f := imageFacts{
		Format: r.Format, Width: r.Width, Height: r.Height, Frames: r.Frames, PHash: r.PHash, BlurHash: r.BlurHash,
		DominantColor: r.DominantColor, Exif: exifOf(r.Exif), Thumbnails: len(r.Thumbnails), Salvaged: r.Salvaged, Detail: r.Detail,
	}
	o := outcome{Fingerprint: binary.LittleEndian.AppendUint64(nil, r.PHash)}
	for _, t := range r.Thumbnails {
		o.Thumbnails = append(o.Thumbnails, t.JPEG)
	}
	o.Facts, err = json.Marshal(f)
	return o, err
}

func exifOf(e *imaging.Exif) *exifFacts {
	if e == nil {
		return nil
	}
	f := &exifFacts{Make: e.Make, Model: e.Model, Orientation: e.Orientation}
	if !e.Time.IsZero() {
		t := e.Time.UTC()
		f.Time = &t
	}
	if e.Located {
		f.Latitude, f.Longitude = &e.Latitude, &e.Longitude
	}
	return f
}
