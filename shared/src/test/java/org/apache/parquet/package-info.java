/** Only what must lie in this package to reach a constructor. */
@NullUnmarked
package org.apache.parquet;

import org.jspecify.annotations.NullUnmarked;
