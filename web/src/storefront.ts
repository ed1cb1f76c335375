document.querySelector("main")?.append("Ropeline");
