package warc

import _ "github.com/valyala/fasthttp"
