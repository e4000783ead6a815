package processor

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"tandem/processor/text"
)

// Reasons why a record is no work; they are counted in Summary.SkippedBy.
const (
	skipFinished    = "finished"                // its result is in the parts
	skipType        = "type"                    // neither a document nor an image: css, js, …
	skipUnsupported = "unsupported_image"       // an image of a kind that is not decoded here, as SVG
	skipNotAsked    = "task_off"                // its task was not asked for
	skipStatus      = "status"                  // an error page
	skipRedirect    = "redirect"                // 3xx
	skipPayload     = "revisit_without_payload" // it repeats a payload that is not in the inputs
	skipUnreadable  = "unreadable"              // a file that cannot be read
)

// taskFor tells which task takes a media type. Without a task, why is the
// reason to skip it, or "" when the bytes must be looked at.
func taskFor(mediaType string) (task, why string) {
	switch {
	case text.Supported(mediaType):
		return TextTask, ""
	case mediaType == "", mediaType == "application/octet-stream", mediaType == "binary/octet-stream",
		mediaType == "application/x-unknown", mediaType == "unknown/unknown":
		return "", ""
	case !strings.HasPrefix(mediaType, "image/"):
		return "", skipType
	}
	switch strings.TrimPrefix(mediaType, "image/") {
	case "svg+xml", "avif", "avif-sequence", "heic", "heif", "heic-sequence", "heif-sequence", "jxl":
		return "", skipUnsupported
	}
	return ImagesTask, ""
}

// refine is the media type that the name of plain text makes of it: servers
// send Markdown as plain text.
func refine(mediaType, urlPath string) string {
	if mediaType != "text/plain" {
		return mediaType
	}
	switch strings.ToLower(path.Ext(urlPath)) {
	case ".md", ".markdown", ".mdown", ".mkd":
		return "text/markdown"
	}
	return mediaType
}

// pathOf is the path of a URL, without parsing it.
func pathOf(url string) string {
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	return url
}

// typeOfName is the media type that a file's extension says, or "".
func typeOfName(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm":
		return "text/html"
	case ".xhtml", ".xht":
		return "application/xhtml+xml"
	case ".md", ".markdown", ".mdown", ".mkd":
		return "text/markdown"
	case ".txt", ".text":
		return "text/plain"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg", ".jpe":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".bmp":
		return "image/bmp"
	case ".tif", ".tiff":
		return "image/tiff"
	case ".ico":
		return "image/x-icon"
	case ".svg":
		return "image/svg+xml"
	case ".css":
		return "text/css"
	case ".js", ".mjs":
		return "text/javascript"
	case ".json", ".jsonl", ".ndjson", ".cdxj":
		return "application/json"
	case ".csv", ".tsv":
		return "text/csv"
	case ".xml", ".rss", ".atom":
		return "application/xml"
	}
	return ""
}

// typeOfFile combines what a file's first bytes and its name say. An image
// signature wins: what looks like one is decoded as one or fails as one.
func typeOfFile(name string, head []byte) string {
	sniffed := sniff(head)
	if strings.HasPrefix(sniffed, "image/") {
		return sniffed
	}
	if named := typeOfName(name); named != "" {
		return named
	}
	return sniffed
}

// sniffLen is how much of a body is looked at.
const sniffLen = 1024

// sniff guesses a media type from the first bytes of a body. It is "" for bytes
// of no kind that a task takes.
func sniff(body []byte) string {
	head := body[:min(len(body), sniffLen)]
	if t := sniffImage(head); t != "" {
		return t
	}
	if len(head) == 0 || isBinary(head) {
		return ""
	}
	start := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n\f"))
	for _, sign := range []string{"<!doctype html", "<html", "<head", "<body", "<title", "<h1", "<p>", "<div"} {
		if bytes.HasPrefix(start, []byte(sign)) {
			return "text/html"
		}
	}
	switch {
	case bytes.Contains(start, []byte("<svg")):
		return "image/svg+xml"
	case bytes.HasPrefix(start, []byte("<?xml")) && bytes.Contains(start, []byte("<html")):
		return "application/xhtml+xml"
	case bytes.HasPrefix(start, []byte("<?xml")):
		return "application/xml"
	}
	return "text/plain"
}

func sniffImage(head []byte) string {
	for _, magic := range []struct{ sign, kind string }{
		{"\x89PNG\r\n\x1a\n", "image/png"},
		{"\xff\xd8\xff", "image/jpeg"},
		{"GIF87a", "image/gif"},
		{"GIF89a", "image/gif"},
		{"II*\x00", "image/tiff"},
		{"MM\x00*", "image/tiff"},
		{"\x00\x00\x01\x00", "image/x-icon"},
	} {
		if bytes.HasPrefix(head, []byte(magic.sign)) {
			return magic.kind
		}
	}
	switch {
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return "image/webp"
	case len(head) >= 26 && string(head[:2]) == "BM" && isBinary(head):
		return "image/bmp"
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return sniffBrand(string(head[8:12]))
	}
	return ""
}

// sniffBrand tells the image kinds of an ISO media file from videos.
func sniffBrand(brand string) string {
	switch brand {
	case "avif", "avis":
		return "image/avif"
	case "heic", "heix", "mif1", "msf1", "heim", "heis":
		return "image/heic"
	}
	return ""
}

// isBinary reports bytes that no text has. UTF-16 with its mark is text.
func isBinary(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return false
	}
	odd := 0
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return true
		}
		if c >= 0x80 {
			odd++
		}
	}
	return odd > len(head)*3/10 && !utf8.Valid(head[:lastRune(head)])
}

// lastRune is the end of the last whole rune in b, which may be cut in one.
func lastRune(b []byte) int {
	for n := len(b); n > 0 && n > len(b)-utf8.UTFMax; n-- {
		if utf8.RuneStart(b[n-1]) {
			if utf8.FullRune(b[n-1:]) {
				return len(b)
			}
			return n - 1
		}
	}
	return len(b)
}
