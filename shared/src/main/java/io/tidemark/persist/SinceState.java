package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.progress.Antichain;

/**
 * A critical since: it holds history until somebody moves it, whatever processes die.
 *
 * @param since what stays readable
 * @param token whoever moves it must know this
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record SinceState(Antichain since, long token) {}
