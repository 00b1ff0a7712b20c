/** Commands that work at the stores themselves, whether nodes run or not. */
@NullMarked
package io.tidemark.launcher.tools;

import org.jspecify.annotations.NullMarked;
