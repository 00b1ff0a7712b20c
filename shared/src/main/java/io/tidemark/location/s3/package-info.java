/** Blobs, and consensus by conditional writes, in a bucket of an S3 server. */
@NullMarked
package io.tidemark.location.s3;

import org.jspecify.annotations.NullMarked;
