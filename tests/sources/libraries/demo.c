#if defined(_WIN32)
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif
extern int missing_import(int);
API int demo_counter = 3;
API int demo_open(int a) { return a + demo_counter; }
API int demo_close(int a) { return a - 1; }
static int hidden_helper(int a) { return a * 3; }
__attribute__((visibility("hidden"))) int demo_hidden(int a) { return hidden_helper(a); }
#ifdef IMPORTS
API int demo_uses(int a) { return missing_import(a); }
#endif
#if defined(_WIN32)
int __stdcall DllMainCRTStartup(void *module, unsigned reason, void *reserved) { return 1; }
#endif
