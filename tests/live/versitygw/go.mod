module live

go 1.25

require github.com/versity/versitygw v1.8.0
