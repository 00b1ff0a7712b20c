package io.tidemark.persist;

import java.util.ArrayList;
import java.util.List;

/** What a check has found so far, as much of it as is worth telling. */
final class Findings {

  /** The most that are told; more of them are only counted. */
  static final int MAX_TOLD = 1000;

  private final List<Finding> told = new ArrayList<>();
  private long untold;
  private boolean disturbed;

  void add(Finding finding) {
    if (told.size() < MAX_TOLD) {
      told.add(finding);
    } else {
      untold++;
    }
  }

  /**
   * Something was collected while it was being looked at: that is no fault, but a new beginning.
   */
  void disturb() {
    disturbed = true;
  }

  boolean isDisturbed() {
    return disturbed;
  }

  List<Finding> told() {
    return List.copyOf(told);
  }

  long untold() {
    return untold;
  }
}
