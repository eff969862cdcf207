/* SPDX-License-Identifier: MIT */
/*
 * Write reports: a file of the host that does not take what is written to it is reported once, by the event
 * FILE_WRITE_ERROR and a line of the program, and once more when it takes bytes again (FILE_WRITE_RESUMED).
 *
 * Reports go out from the main loop, at most one a second per file: who writes is not entered again.  Main thread only.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtWriteReport {
    const VtObject *object;
    const char *filename; /* borrowed; NULL: failures of this file are of no interest */
    int number;           /* errno of the last failure; 0: the file takes bytes */
    bool told;            /* that it fails */
    uint64_t lost;        /* bytes since the failure was reported last */
    int64_t told_us;      /* when it was reported last */
    guint source;
} VtWriteReport;

/* @number: errno, 0 for a write that was successful.  @lost: how many bytes did not get into the file. */
void vt_write_report(VtWriteReport *report, int number, size_t lost);
/* Before the object goes; what is not yet reported is reported now. */
void vt_write_report_clear(VtWriteReport *report);
