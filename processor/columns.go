package processor

import "time"

// schemaVersion is raised when a column changes its name, type or meaning.
const schemaVersion = "1"

// Origin is what documents and images have in common: where a row comes from.
//
//	column        Parquet type              meaning
//	run           string                    id of the crawl, or the start of process
//	change        string                    new, changed, unchanged, gone
//	url           string, null for files    canonical URL
//	path          string, null for URLs     path of the file, with slashes
//	digest        string, null when gone    sha256:… of the payload
//	fetched_at    timestamp(ms, UTC), null  of the record; of a file its time of change
//	status        int32, null for files     HTTP status; 304 for a confirmed page
//	depth         int32, null for files     links from a seed
//	segment       string, null for files    WARC file in which the record is
//	offset        int64, null for files     where in it
//	content_type  string, null when gone    media type that the task took it for
//	columns       map<string,string>, null  other columns of the list of a `fetch get`
type Origin struct {
	Run         string            `parquet:"run,dict" json:"run"`
	Change      string            `parquet:"change,dict" json:"change"`
	URL         *string           `parquet:"url,optional" json:"url"`
	Path        *string           `parquet:"path,optional" json:"path"`
	Digest      *string           `parquet:"digest,optional" json:"digest"`
	FetchedAt   *time.Time        `parquet:"fetched_at,optional,timestamp(millisecond)" json:"fetched_at"`
	Status      *int32            `parquet:"status,optional" json:"status"`
	Depth       *int32            `parquet:"depth,optional" json:"depth"`
	Segment     *string           `parquet:"segment,optional,dict" json:"segment"`
	Offset      *int64            `parquet:"offset,optional" json:"offset"`
	ContentType *string           `parquet:"content_type,optional,dict" json:"content_type"`
	Columns     map[string]string `parquet:"columns,optional" json:"columns"`
}

// Document is a row of documents/. Beside Origin it has, all null when gone:
//
//	column               Parquet type   meaning
//	title                string         of the page; may be empty
//	text                 string         main content as plain text
//	language             string         ISO 639 code; null when unknown
//	language_confidence  double         0 to 1
//	words                int32          words of text
//	simhash              string         64 bits, 16 hex digits
//	near_duplicate_of    string         URL or path of the group's representative; null for that one and for loners
//	keywords             list<string>   best first
//	method               string         article, visible, markdown, plain
//	charset              string         that was decoded
//	truncated            boolean        the document was cut, on the wire or by a cap
//	notes                list<string>   what went wrong or was worked round
type Document struct {
	Origin
	Title              *string  `parquet:"title,optional" json:"title"`
	Text               *string  `parquet:"text,optional" json:"text"`
	Language           *string  `parquet:"language,optional,dict" json:"language"`
	LanguageConfidence *float64 `parquet:"language_confidence,optional" json:"language_confidence"`
	Words              *int32   `parquet:"words,optional" json:"words"`
	Simhash            *string  `parquet:"simhash,optional" json:"simhash"`
	NearDuplicateOf    *string  `parquet:"near_duplicate_of,optional" json:"near_duplicate_of"`
	Keywords           []string `parquet:"keywords,optional,list" json:"keywords"`
	Method             *string  `parquet:"method,optional,dict" json:"method"`
	Charset            *string  `parquet:"charset,optional,dict" json:"charset"`
	Truncated          *bool    `parquet:"truncated,optional" json:"truncated"`
	Notes              []string `parquet:"notes,optional,list" json:"notes"`
}

// Image is a row of images/. Beside Origin it has, all null when gone:
//
//	column             Parquet type   meaning
//	page_url           string         the page that showed it; null for files and seeds
//	alt                string         its alternative text there
//	format             string         png, jpeg, gif, webp, bmp, tiff, ico
//	width, height      int32          pixels, as stored
//	frames             int32          1 for a still
//	phash              string         perceptual hash: 64 bits, 16 hex digits
//	blurhash           string         4×3 components
//	dominant_color     string         #rrggbb
//	exif_make, exif_model             string
//	exif_time          timestamp(ms)  when it was taken, by the camera's clock
//	exif_orientation   int32          1 to 8
//	exif_latitude, exif_longitude     double, degrees
//	thumbnail          string         path below the dataset, with slashes
//	near_duplicate_of  string         URL or path of the group's representative; null for that one and for loners
//	salvaged           boolean        the file is damaged: part of the picture is missing
//	detail             string         what is missing
type Image struct {
	Origin
	PageURL         *string    `parquet:"page_url,optional" json:"page_url"`
	Alt             *string    `parquet:"alt,optional" json:"alt"`
	Format          *string    `parquet:"format,optional,dict" json:"format"`
	Width           *int32     `parquet:"width,optional" json:"width"`
	Height          *int32     `parquet:"height,optional" json:"height"`
	Frames          *int32     `parquet:"frames,optional" json:"frames"`
	PHash           *string    `parquet:"phash,optional" json:"phash"`
	BlurHash        *string    `parquet:"blurhash,optional" json:"blurhash"`
	DominantColor   *string    `parquet:"dominant_color,optional" json:"dominant_color"`
	ExifMake        *string    `parquet:"exif_make,optional" json:"exif_make"`
	ExifModel       *string    `parquet:"exif_model,optional" json:"exif_model"`
	ExifTime        *time.Time `parquet:"exif_time,optional,timestamp(millisecond)" json:"exif_time"`
	ExifOrientation *int32     `parquet:"exif_orientation,optional" json:"exif_orientation"`
	ExifLatitude    *float64   `parquet:"exif_latitude,optional" json:"exif_latitude"`
	ExifLongitude   *float64   `parquet:"exif_longitude,optional" json:"exif_longitude"`
	Thumbnail       *string    `parquet:"thumbnail,optional" json:"thumbnail"`
	NearDuplicateOf *string    `parquet:"near_duplicate_of,optional" json:"near_duplicate_of"`
	Salvaged        *bool      `parquet:"salvaged,optional" json:"salvaged"`
	Detail          *string    `parquet:"detail,optional" json:"detail"`
}

// Quarantined is a line of quarantine.jsonl: a record that could not be
// computed. Keys that do not apply are null.
type Quarantined struct {
	Origin
	Task string `json:"task"`
	// Reason is memory, deadline, crash, decode, too_large or unsupported.
	Reason   string  `json:"reason"`
	Signal   *string `json:"signal"`
	Attempts int     `json:"attempts"`
	Detail   string  `json:"detail"`
}
