#include "stage/prs/prs_int.h"
int prs_ref_open(struct grx_ctx *cx, const char *f, struct prs_ref **o){(void)cx;(void)f;*o=NULL;return GRX_E_BUG;}
void prs_ref_close(struct prs_ref *r){(void)r;}
const char *prs_ref_panel(const struct prs_ref *r){(void)r;return "";}
const char *prs_ref_loadings(const struct prs_ref *r){(void)r;return "";}
int prs_ref_n_online(const struct prs_ref *r){(void)r;return 0;}
int prs_ref_n_pc(const struct prs_ref *r){(void)r;return 0;}
const char *prs_ref_pop(const struct prs_ref *r,int i){(void)r;(void)i;return "";}
int prs_ref_build(struct grx_ctx *cx, const struct prs_ref_opt *o){(void)cx;(void)o;return GRX_E_BUG;}
