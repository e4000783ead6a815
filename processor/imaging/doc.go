// Package imaging describes pictures: size, frames, thumbnails, perceptual hash, blurhash, dominant colour and
// EXIF, out of bytes that came from anywhere.
//
//	bytes ─► probe: format, pixels, frames, memory needed ──► over a cap: Error "too_large"
//	            │                                             (nothing has been decoded yet)
//	            ▼
//	         decode ── cut or damaged? ─► salvage what is there ─► Result.Salvaged, Detail
//	            │                                └─ nothing there: Error "decode"
//	            ▼
//	         area averaging ─► EXIF orientation ─► thumbnails, pHash, blurhash, dominant colour
//
// PNG, JPEG, GIF, WebP, BMP, TIFF and ICO are decoded; SVG, AVIF, HEIC and JPEG XL are recognised and refused as
// "unsupported". Of an animation the first frame is decoded and the others are only counted, so an animation
// of a thousand frames costs as much as a still.
//
// # Ownership
//
// Describe is a pure function: no goroutines, no files, no network, nothing kept between calls. It is safe for
// concurrent use. The input is read and never changed.
//
// # Failure
//
// Every failure is an *Error with one of three reasons. Hostile EXIF costs only the EXIF. A panic in an image
// decoder is not caught here: it belongs to the task boundary of the executor, which names the one item.
//
// # Costs
//
// Decoding dominates: about 10 ns a pixel for JPEG. Averaging costs 1 to 3 ns a pixel, and all the
// rest together about 2 ms a picture. Memory is bounded by Options.MaxBytes, checked before decoding, plus the
// compressed input and about 1 MB.
package imaging
