"""The Sphinx extensions that make the book, one module each.

Sphinx calls the hooks of an event by their priority. Each is given where it is connected, so that the order does not
depend on the order in _config.yml; this table has them all, and a test compares.

    event                 priority  module            what it does
    config-inited              100  build_lock        waits for other builds, before anything is read or downloaded
    config-inited              400  pages             chooses the digits, once for all chapters
    config-inited              410  pages             points the launch buttons at the repository
    config-inited              420  content_security  adds the files that replace scripts and a style in the page
    config-inited              430  theme             puts the book's templates before the theme's
    config-inited              440  page_metadata     gives the book's address to the libraries, which check it at 500
    config-inited              450  epub              says what the EPUB is called and holds
    builder-inited             500  widgets           writes the widgets' scripts and styles
    env-get-outdated           500  build_lock        has every page made again after a build that was interrupted
    env-get-outdated           500  execution         has pages made again whose results are stale
    env-before-read-docs       500  execution         runs the chapters
    doctree-read               500  pages             shows solutions without words, names notes, lets sentences break
    doctree-read               510  captions          joins a figure and its caption
    env-updated                500  execution         notes which results the pages show
    doctree-resolved           900  content_security  takes out scripts (sphinx-thebe adds them at 500) and styles
    html-page-context          450  page_metadata     describes the page, before sphinxext-opengraph does at 500
    html-page-context          550  pages             explains a launch menu that has nothing to launch
    html-page-context          600  page_metadata     takes out an address that is none
    html-page-context          690  openings          draws the image that a chapter opens with
    html-page-context          700  emblem            draws the network at a chapter's head
    html-page-context          800  widgets           adds the page's widgets, and takes out what MyST-NB adds at 500
    html-page-context          900  theme             drops files that are not used
    html-page-context          910  content_security  drops scripts in the page that are not used
    build-finished             100  build_lock        fails the build when something could not be written
    build-finished             450  page_metadata     writes the sitemap, or removes one that is out of date
    build-finished             460  embed             writes embed.html and the widgets that it shows
    build-finished             550  theme             cuts down icon fonts and styles (libraries write theirs at 500)
    build-finished             900  build_lock        notes that everything is written
"""
