/* The groups of cases, one file each. */
void cases_exceptions(void);
void cases_segments(void);
void cases_limits(void);
void cases_transfers(void);
void cases_interrupts(void);
void cases_tasks(void);
void cases_v86(void);
void cases_virtual_flags(void);
void cases_real(void);
void cases_flags(void);
void cases_debug(void);
void cases_paging(void);
void cases_user_pages(void);
void cases_control(void);
void cases_fpu(void);
void cases_stack(void);
