//go:build tools

// Package live names the server that is built for the tests.
package live

import _ "github.com/versity/versitygw/cmd/versitygw"
