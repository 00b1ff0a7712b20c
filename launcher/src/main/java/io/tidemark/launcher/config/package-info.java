/** What can be configured, and what is said when it is wrong. */
@NullMarked
package io.tidemark.launcher.config;

import org.jspecify.annotations.NullMarked;
