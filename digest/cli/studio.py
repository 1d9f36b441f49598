"""`digest preview --serve`."""
import sys
from pathlib import Path
import uvicorn
from digest.app import open_app
from digest.studio import application
from digest.studio.studio import Studio

def serve(config, port):
    studio = Studio(lambda: open_app(config), config)
    pages, watch = application(studio)
    class Server(uvicorn.Server):
        async def shutdown(self, sockets=None):
            watch.close()
            await super().shutdown(sockets)
    Server(uvicorn.Config(pages, port=port, access_log=False, log_level="warning")).run()
if __name__=="__main__": serve(None, int(sys.argv[1]))
