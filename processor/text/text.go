package text

import (
	"errors"
	"fmt"
)

// The caps of [Extract]. What lies beyond one is left out and [Document.Truncated] says so.
const (
	// MaxHTML is how many bytes of an HTML or Markdown body are read.
	MaxHTML = 8 << 20
	// MaxPlain is how many bytes of a plain-text body are read.
	MaxPlain = 8 << 20
	// MaxText is how many bytes of text come out.
	MaxText = 8 << 20
	// MaxTitle is how many bytes a title may have; a longer one is cut at a word.
	MaxTitle = 512
	// MaxKeywords is how many keywords a document gets.
	MaxKeywords = 10
)

// ErrUnsupported is returned, wrapped with the media type, for a body that is no kind of text known here.
var ErrUnsupported = errors.New("unsupported media type")

// Input is a document as it came.
type Input struct {
	// Body is the payload after transfer and content decoding. It is read, never changed or kept.
	Body []byte
	// MediaType is the declared type; parameters are allowed and a charset among them is used. Empty, or
	// application/octet-stream, means: look at the bytes.
	MediaType string
	// Charset is the declared character set, if the caller has it apart from MediaType. It wins over that.
	Charset string
	// URL is where the document came from. Only the extension of its path is looked at: ".md" served as plain
	// text is Markdown.
	URL string
}

// Document is what was found in it.
type Document struct {
	// Title is one line without control characters, at most [MaxTitle] bytes. It may be empty.
	Title string
	// Text is the content as plain text: valid UTF-8, normalised to NFC, no control characters but newline and
	// tab, paragraphs set apart by an empty line, table cells by a tab, code as it was.
	Text string
	// Language is the shortest ISO 639 code of the text: two letters (639-1) where there are any, otherwise three
	// (639-3); empty when the text is too short or too mixed to say.
	Language string
	// LanguageConfidence is between 0 and 1, and 0 without a language.
	LanguageConfidence float64
	// Words counts the words of Text; a Han or Kana character counts as one.
	Words int
	// Simhash is the 64-bit fingerprint of the words, 0 when there are none.
	Simhash uint64
	// Keywords are the words that the text keeps coming back to, the best first, lower case.
	Keywords []string
	// MinHash is the signature for near-duplicate groups, 112 values; nil when there are no words.
	MinHash []uint32
	// Truncated says that a cap cut the input or the text.
	Truncated bool
	// Charset is the character set that was decoded, by its WHATWG name.
	Charset string
	// Method says how Text was found: [MethodArticle], [MethodVisible], [MethodMarkdown] or [MethodPlain].
	Method string
	// Notes name what went wrong or was worked round, in words fit for a column; none on an ordinary page.
	Notes []string
}

// How a text was found.
const (
	// MethodArticle: the main content of a page, without its navigation.
	MethodArticle = "article"
	// MethodVisible: everything a page shows, because no main content stood out.
	MethodVisible = "visible"
	// MethodMarkdown: rendered from Markdown.
	MethodMarkdown = "markdown"
	// MethodPlain: the text itself.
	MethodPlain = "plain"
)

func (d *Document) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// Extract reads a document. It is deterministic, safe for concurrent use, and never panics. Its only error is
// [ErrUnsupported]; a body that is damaged in any way gives what can be read of it, with Notes.
func Extract(in Input) (Document, error) {
	kind, err := kindOf(in)
	if err != nil {
		return Document{}, err
	}
	var d Document
	switch kind {
	case kindHTML:
		d.fromHTML(in)
	case kindMarkdown:
		d.fromMarkdown(in)
	case kindPlain:
		d.fromPlain(in)
	}
	return d, nil
}
