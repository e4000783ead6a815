package text

import _ "broken/internal/report"
