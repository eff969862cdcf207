/* SPDX-License-Identifier: MIT */
/*
 * Write reports: report a host file once when writes to it fail (event FILE_WRITE_ERROR and a notice), and once when
 * writes succeed again (FILE_WRITE_RESUMED).
 *
 * The main loop sends the reports, at most one a second per file.  So the caller of vt_write_report() is not reentered.
 * Main thread only.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtWriteReport {
    const VtObject *object;
    const char *filename; /* borrowed; NULL: do not report this file */
    int number;           /* errno of the last write; 0: success */
    bool failing;         /* the last report was of a failure */
    uint64_t lost;        /* bytes lost since the last FILE_WRITE_RESUMED */
    int64_t reported_us;  /* monotonic time of the last report in µs; 0: none */
    guint source;
} VtWriteReport;

/* Records the result of a write.  @number: errno, or 0 for success.  @lost: bytes that were not written. */
void vt_write_report(VtWriteReport *report, int number, size_t lost);
/* Sends a pending report at once and clears @report.  Call it before the object is freed. */
void vt_write_report_clear(VtWriteReport *report);
