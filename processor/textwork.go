package processor

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"tandem/internal/simhash"
	"tandem/processor/text"
)

// docFacts is what is stored of a document.
type docFacts struct {
	Title      string   `json:"title"`
	Text       string   `json:"text"`
	Language   string   `json:"language,omitempty"`
	Confidence float64  `json:"language_confidence"`
	Words      int      `json:"words"`
	Simhash    uint64   `json:"simhash,string"`
	Keywords   []string `json:"keywords,omitempty"`
	Charset    string   `json:"charset,omitempty"`
	Method     string   `json:"method"`
	Truncated  bool     `json:"truncated,omitempty"`
	Notes      []string `json:"notes,omitempty"`
}

// describeText is the text task.
func describeText(_ job, in input) (outcome, error) {
	d, err := text.Extract(text.Input{Body: in.body, MediaType: in.mediaType, Charset: in.charset})
	if errors.Is(err, text.ErrUnsupported) {
		return outcome{Failed: &failure{Reason: reasonUnsupported, Attempts: 1, Detail: err.Error()}}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	facts, err := json.Marshal(docFacts{
		Title: d.Title, Text: d.Text, Language: d.Language, Confidence: d.LanguageConfidence, Words: d.Words,
		Simhash: d.Simhash, Keywords: d.Keywords, Charset: d.Charset, Method: d.Method,
		Truncated: d.Truncated || in.cut, Notes: d.Notes,
	})
	return outcome{Facts: facts, Fingerprint: packSignature(d.MinHash)}, err
}

// packSignature writes a MinHash signature as bytes, 4 a lane.
func packSignature(sig []uint32) []byte {
	b := make([]byte, 0, 4*len(sig))
	for _, lane := range sig {
		b = binary.LittleEndian.AppendUint32(b, lane)
	}
	return b
}

// unpackSignature reads what packSignature wrote; nil for anything else.
func unpackSignature(b []byte) []uint32 {
	if len(b) != 4*simhash.Lanes {
		return nil
	}
	sig := make([]uint32, 0, simhash.Lanes)
	for ; len(b) > 0; b = b[4:] {
		sig = append(sig, binary.LittleEndian.Uint32(b))
	}
	return sig
}
