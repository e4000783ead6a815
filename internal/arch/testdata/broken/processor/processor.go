package processor

import _ "broken/processor/text"
