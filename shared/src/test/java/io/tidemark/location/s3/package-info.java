/** Tests of the stores in a bucket, against a real server. */
@NullUnmarked
package io.tidemark.location.s3;

import org.jspecify.annotations.NullUnmarked;
